-- | stdin as a terminal whose lines the frontend gives.
module Input
  ( installInput
  , allowInput
  ) where

import Control.Concurrent.MVar (modifyMVar_, withMVar)
import Control.Exception (throwIO)
import Data.IORef (IORef, newIORef, readIORef, writeIORef)
import qualified Data.ByteString as B
import qualified Data.ByteString.Unsafe as B
import Data.Maybe (isJust)
import qualified Data.Text as T
import qualified Data.Text.Encoding as T
import Data.Typeable (cast)
import Driver (Answer (..), Driver, askLine)
import Foreign.Marshal.Utils (copyBytes)
import Foreign.Ptr (castPtr)
import GHC.IO.BufferedIO (BufferedIO (..), readBuf, readBufNonBlocking, writeBuf, writeBufNonBlocking)
import GHC.IO.Buffer (newByteBuffer)
import GHC.IO.Device (IODevice (..), IODeviceType (Stream), RawIO (..))
import GHC.IO.Exception (IOErrorType (EOF), IOException (IOError), unsupportedOperation)
import GHC.IO.Handle (mkFileHandle, noNewlineTranslation)
import GHC.IO.Handle.Types (Handle (..), Handle__ (..), HandleType (ClosedHandle, SemiClosedHandle))
import System.IO (IOMode (ReadMode), stdin, utf8)
import System.IO.Unsafe (unsafePerformIO)

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
  answer <- if may then askLine (keyboardDriver keyboard) "" (not echo) else pure Unavailable
  case answer of
    Line text -> pure (T.encodeUtf8 (T.pack (text ++ "\n")))
    EndOfInput -> pure B.empty
    Unavailable -> throwIO
      (IOError Nothing EOF "stdin" "the frontend does not allow input for this cell" Nothing Nothing)

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

-- | Makes stdin ask the frontend, unless it does already.
installInput :: Driver -> IO ()
installInput driver = case stdin of
  FileHandle _ current -> do
    broken <- withMVar current (pure . needsNew)
    if not broken then pure () else do
      keyboard <- Keyboard driver <$> newIORef True <*> newIORef B.empty
      fresh <- mkFileHandle keyboard "<stdin>" ReadMode (Just utf8) noNewlineTranslation
      case fresh of
        FileHandle _ new -> withMVar new (\handle -> modifyMVar_ current (const (pure handle)))
        DuplexHandle {} -> pure ()
  DuplexHandle {} -> pure ()
  where
    needsNew handle = case handle of
      Handle__ {haType = ClosedHandle} -> True
      Handle__ {haType = SemiClosedHandle} -> True
      Handle__ {haDevice = device} -> not (isKeyboard (cast device))
    isKeyboard :: Maybe Keyboard -> Bool
    isKeyboard = isJust
