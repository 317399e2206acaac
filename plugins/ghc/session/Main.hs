-- | A Haskell session for the driver of the ghc evaluator: docs/worker-protocol.md.
module Main (main) where

import Console (openConsole)
import Control.Concurrent (forkIO, myThreadId, newEmptyMVar, takeMVar)
import Control.Exception
  ( AsyncException (HeapOverflow)
  , SomeException
  , catch
  , displayException
  , fromException
  , throwIO
  , try
  )
import Control.Monad (forever, void)
import Driver (Driver, forwardHeapOverflow, openDriver)
import Engine (startEngine)
import Foreign.StablePtr (newStablePtr)
import GHC.IO.Encoding (setFileSystemEncoding, setForeignEncoding, setLocaleEncoding, utf8)
import Hello (hello)
import Link (openLink, send)
import Place (libraryFolder, packageFolder)
import Serve (serve)
import System.Environment (lookupEnv)
import System.Exit (ExitCode (ExitFailure))
import System.IO (hPutStrLn, stderr)
import System.Posix.Process (exitImmediately)
import System.Posix.Signals (Handler (Catch), installHandler, sigINT)
import Text.Read (readMaybe)

main :: IO ()
main = do
  mapM_ ($ utf8) [setLocaleEncoding, setFileSystemEncoding, setForeignEncoding]
  -- Not ignored, because the programs that a cell starts would ignore it too.
  void (installHandler sigINT (Catch (pure ())) Nothing)
  fd <- lookupEnv "HILUM_LINK_FD"
  link <- openLink (maybe 3 fromIntegral (fd >>= readMaybe :: Maybe Int))
  send link "hello" 0 =<< hello
  driver <- openDriver link
  waiting <- myThreadId
  thread <- forkIO (session driver `catch` broken)
  -- When the code of a cell waits for what never comes, the runtime tells all threads that nothing
  -- else can wake. A thread with a stable pointer to it is none of these.
  mapM_ newStablePtr [thread, waiting]
  never <- newEmptyMVar
  forever (waitIn driver (takeMVar never))

session :: Driver -> IO ()
session driver = do
  console <- openConsole driver
  libraries <- libraryFolder
  packages <- packageFolder
  engine <- startEngine driver libraries packages
  serve engine console

broken :: SomeException -> IO ()
broken failure = do
  hPutStrLn stderr ("the Haskell session ends: " ++ displayException failure)
  exitImmediately (ExitFailure 1)

-- The runtime raises heap overflows here.
waitIn :: Driver -> IO () -> IO ()
waitIn driver wait = do
  outcome <- try wait
  case outcome of
    Left failure | Just HeapOverflow <- fromException failure -> forwardHeapOverflow driver
    Left failure -> throwIO failure
    Right () -> pure ()
