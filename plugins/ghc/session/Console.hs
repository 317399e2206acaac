{-# LANGUAGE CApiFFI #-}
-- | The standard handles as cells find them.
module Console
  ( Console
  , openConsole
  , refresh
  , renew
  , flush
  , redirect
  ) where

import Control.Exception (IOException, SomeException, catch, try)
import Control.Monad (forM_, unless, void, when)
import Data.IORef (IORef, newIORef, readIORef, writeIORef)
import Driver (Driver)
import Foreign.C.Error (throwErrnoIfMinus1)
import Foreign.C.Types (CInt (..))
import qualified GHC.IO.FD as FD
import GHC.IO.Handle (mkFileHandle)
import Input (installInput)
import System.IO
  ( BufferMode (LineBuffering)
  , Handle
  , IOMode (WriteMode)
  , hFlush
  , hIsOpen
  , hSetBuffering
  , hSetEncoding
  , nativeNewlineMode
  , stderr
  , stdout
  , utf8
  )
import System.Posix.IO (closeFd, dupTo, stdError, stdOutput)
import System.Posix.Types (Fd (..))
import Transplant (isHeld, transplant)

foreign import capi unsafe "link.h hilum_keep_descriptor"
  c_keep :: CInt -> IO CInt

foreign import capi unsafe "link.h hilum_line_buffering"
  c_lineBuffering :: IO ()

foreign import capi safe "link.h hilum_flush"
  c_flush :: IO ()

-- | The console of a session: the pipes that stdout and stderr were at its start, in case that a
-- cell closes them.
data Console = Console
  { consoleDriver :: Driver
  , consoleOut :: IORef Fd
  , consoleErr :: IORef Fd
  }

-- | Sets the standard handles up.
openConsole :: Driver -> IO Console
openConsole driver = do
  c_lineBuffering
  console <- Console driver <$> (keep stdOutput >>= newIORef) <*> (keep stdError >>= newIORef)
  refresh console
  pure console

keep :: Fd -> IO Fd
keep (Fd fd) = Fd <$> throwErrnoIfMinus1 "fcntl" (c_keep fd)

-- | Makes the standard handles usable again, whatever a cell did to them.
refresh :: Console -> IO ()
refresh console = do
  forM_ (outputs console) $ \output -> do
    open <- hIsOpen (outputHandle output)
    unless open (reopen False output)
    hSetBuffering (outputHandle output) LineBuffering
    hSetEncoding (outputHandle output) utf8
  installInput False (consoleDriver console)

-- | The standard handles of a process that was forked: threads that were at work on them are gone.
renew :: Console -> IO ()
renew console = do
  forM_ (outputs console) $ \output -> do
    held <- isHeld (outputHandle output)
    when held (reopen True output)
  installInput True (consoleDriver console)
  refresh console

data Output = Output
  { outputHandle :: Handle
  , outputDevice :: FD.FD
  , outputName :: FilePath
  , outputPipe :: IORef Fd
  , outputFd :: Fd
  }

outputs :: Console -> [Output]
outputs console =
  [ Output stdout FD.stdout "<stdout>" (consoleOut console) stdOutput
  , Output stderr FD.stderr "<stderr>" (consoleErr console) stdError
  ]

reopen :: Bool -> Output -> IO ()
reopen gone output = do
  pipe <- readIORef (outputPipe output)
  void (dupTo pipe (outputFd output))
  fresh <- mkFileHandle (outputDevice output) (outputName output) WriteMode (Just utf8) nativeNewlineMode
  transplant gone fresh (outputHandle output)

-- | Sends what is buffered on its way, of Haskell and of C.
flush :: IO ()
flush = mapM_ attempt [stdout, stderr] >> c_flush
  where
    attempt :: Handle -> IO ()
    attempt handle = hFlush handle `catch` ignore
    ignore :: SomeException -> IO ()
    ignore _ = pure ()

-- | From now on prints go to these descriptors.
redirect :: Console -> [Fd] -> IO ()
redirect console [out, err] = do
  flush
  void (dupTo out stdOutput)
  void (dupTo err stdError)
  before <- mapM readIORef [consoleOut console, consoleErr console]
  writeIORef (consoleOut console) out
  writeIORef (consoleErr console) err
  mapM_ closeFd before
redirect _ others = mapM_ (\fd -> void (try (closeFd fd) :: IO (Either IOException ()))) others
