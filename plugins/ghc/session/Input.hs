-- | stdin as a terminal whose lines the frontend gives.
module Input
  ( installInput
  , allowInput
  ) where

import Control.Exception (catch, throwIO)
import Data.IORef (IORef, newIORef, readIORef, writeIORef)
import qualified Data.ByteString as B
import qualified Data.ByteString.Unsafe as B
import qualified Data.Text as T
import qualified Data.Text.Encoding as T
import Driver (Answer (..), Driver, askLine)
import Foreign.Marshal.Utils (copyBytes)
import Foreign.Ptr (castPtr)
import GHC.IO.BufferedIO (BufferedIO (..), readBuf, readBufNonBlocking, writeBuf, writeBufNonBlocking)
import GHC.IO.Buffer (newByteBuffer)
import GHC.IO.Device (IODevice (..), IODeviceType (Stream), RawIO (..))
import GHC.IO.Exception (IOErrorType (UnsupportedOperation), IOException (IOError), unsupportedOperation)
import GHC.IO.Handle (mkFileHandle, noNewlineTranslation)
import System.IO (IOMode (ReadMode), hFlush, stderr, stdin, stdout, utf8)
import System.IO.Unsafe (unsafePerformIO)
import Transplant (transplant)

-- | The device behind stdin.
data Keyboard = Keyboard
  { keyboardDriver :: Driver
  , keyboardEcho :: IORef Bool
  , keyboardPending :: IORef B.ByteString
  }

{-# NOINLINE allowed #-}
allowed :: IORef Bool
allowed = unsafePerformIO (newIORef False)

-- | May the running cell ask?
allowInput :: Bool -> IO ()
allowInput = writeIORef allowed

instance RawIO Keyboard where
  read keyboard target _ wanted = do
    pending <- readIORef (keyboardPending keyboard)
    bytes <- if B.null pending then ask keyboard else pure pending
    let (now, later) = B.splitAt wanted bytes
    writeIORef (keyboardPending keyboard) later
    B.unsafeUseAsCStringLen now (\(start, size) -> copyBytes target (castPtr start) size)
    pure (B.length now)
  readNonBlocking keyboard target _ wanted = do
    pending <- readIORef (keyboardPending keyboard)
    if B.null pending
      then pure (Just 0)
      else Just <$> GHC.IO.Device.read keyboard target 0 wanted
  write _ _ _ _ = ioError unsupportedOperation
  writeNonBlocking _ _ _ _ = ioError unsupportedOperation

ask :: Keyboard -> IO B.ByteString
ask keyboard = do
  may <- readIORef allowed
  echo <- readIORef (keyboardEcho keyboard)
  -- A prompt that ends in no newline is still in the buffer.
  mapM_ (\handle -> hFlush handle `catch` ignore) [stdout, stderr]
  answer <- if may then askLine (keyboardDriver keyboard) "" (not echo) else pure Unavailable
  case answer of
    Line text -> pure (T.encodeUtf8 (T.pack (text ++ "\n")))
    EndOfInput -> pure B.empty
    Unavailable -> throwIO
      (IOError Nothing UnsupportedOperation "stdin" "the frontend does not allow input for this cell" Nothing Nothing)
  where
    ignore :: IOException -> IO ()
    ignore _ = pure ()

instance IODevice Keyboard where
  ready keyboard _ _ = not . B.null <$> readIORef (keyboardPending keyboard)
  close _ = pure ()
  isTerminal _ = pure True
  isSeekable _ = pure False
  setEcho keyboard = writeIORef (keyboardEcho keyboard)
  getEcho keyboard = readIORef (keyboardEcho keyboard)
  setRaw _ _ = pure ()
  devType _ = pure Stream
  dup = pure
  dup2 _ = pure

instance BufferedIO Keyboard where
  newBuffer _ state = newByteBuffer 8192 state
  fillReadBuffer = readBuf
  fillReadBuffer0 = readBufNonBlocking
  flushWriteBuffer = writeBuf
  flushWriteBuffer0 = writeBufNonBlocking

-- | Makes stdin ask the frontend, with echo and nothing typed ahead, unless a thread is reading from
-- it that is not known to be gone.
installInput :: Bool -> Driver -> IO ()
installInput gone driver = do
  keyboard <- Keyboard driver <$> newIORef True <*> newIORef B.empty
  fresh <- mkFileHandle keyboard "<stdin>" ReadMode (Just utf8) noNewlineTranslation
  transplant gone fresh stdin
