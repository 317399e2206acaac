-- | The way from the library to the frontend. The session program says where messages go and how
-- much of a value is shown.
module Hilum.Output
    ( Sink
    , setSink
    , setTextLimit
    , textLimit
    , send
    ) where

import Data.ByteString (ByteString)
import Data.ByteString.Builder (toLazyByteString)
import qualified Data.ByteString.Lazy as Lazy
import Data.IORef (IORef, newIORef, readIORef, writeIORef)
import System.IO.Unsafe (unsafePerformIO)

import Hilum.Json (Value, encode, object)

-- | Takes the type of a message and its content as JSON.
type Sink = String -> ByteString -> IO ()

-- The program and the code in cells share the library, and so these.
{-# NOINLINE sinkRef #-}
sinkRef :: IORef Sink
sinkRef = unsafePerformIO (newIORef (\_ _ -> pure ()))

{-# NOINLINE limitRef #-}
limitRef :: IORef Int
limitRef = unsafePerformIO (newIORef 65536)

-- | Where messages go from now on. Until it is called they go nowhere.
setSink :: Sink -> IO ()
setSink = writeIORef sinkRef

-- | How many characters of a value's text are shown.
setTextLimit :: Int -> IO ()
setTextLimit = writeIORef limitRef

textLimit :: IO Int
textLimit = readIORef limitRef

-- | Sends a message of this type with these members. The content is complete before any of it goes
-- out: an exception in a lazy part of it leaves nothing half sent.
send :: String -> [(String, Value)] -> IO ()
send kind members = do
    sink <- readIORef sinkRef
    let content = Lazy.toStrict (toLazyByteString (encode (object members)))
    content `seq` sink kind content
