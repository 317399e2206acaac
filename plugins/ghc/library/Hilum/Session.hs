-- | What the session program uses of the library: nothing here is for cells.
module Hilum.Session
    ( Sink
    , setSink
    , setTextLimit
    , setResultType
    , printValue
    , printShown
    ) where

import Control.Exception (SomeException, catch, evaluate, throwIO)
import Data.IORef (IORef, modifyIORef', newIORef, readIORef, writeIORef)
import System.IO (hFlush, stdout)
import System.IO.Unsafe (unsafePerformIO)

import Hilum.Bundle (Bundle, Form (Text), bundleJson, forms, plain)
import Hilum.Display (Display (toBundle))
import Hilum.Output (Sink, send, setSink, setTextLimit, textLimit)

{-# NOINLINE resultType #-}
resultType :: IORef String
resultType = unsafePerformIO (newIORef "display_data")

-- | The type of message that 'printValue' sends from now on.
setResultType :: String -> IO ()
setResultType = writeIORef resultType

-- | Shows the value of a statement; GHC calls it in place of 'print'.
printValue :: Display a => a -> IO ()
printValue value = do
    bundle <- evaluate (toBundle value)
    limit <- textLimit
    forceText limit bundle
    kind <- readIORef resultType
    case forms bundle of
        [] -> pure ()
        _ -> send kind (bundleJson limit bundle)

-- | 'printValue' for a type that only 'Show' decides, such as that of 'mempty'.
printShown :: Show a => a -> IO ()
printShown = printValue . plain . show

-- A text that fails in the middle is printed up to there, as GHCi does; then it fails.
forceText :: Int -> Bundle -> IO ()
forceText limit bundle = case lookup "text/plain" (forms bundle) of
    Just (Text text) -> do
        done <- newIORef (0 :: Int)
        let count c = c `seq` modifyIORef' done (+ 1)
        mapM_ count (take (limit + 1) text) `catch` \failure -> do
            size <- readIORef done
            putStr (take size text)
            hFlush stdout
            throwIO (failure :: SomeException)
    _ -> pure ()
