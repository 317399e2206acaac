-- | The standard handles as cells find them.
module Console
  ( Console
  , openConsole
  , refresh
  , flush
  , redirect
  ) where

import Control.Exception (IOException, SomeException, catch, try)
import Control.Monad (void, when)
import Driver (Driver)
import Input (installInput)
import System.IO
  ( BufferMode (LineBuffering)
  , Handle
  , hFlush
  , hIsOpen
  , hSetBuffering
  , hSetEncoding
  , stderr
  , stdout
  , utf8
  )
import System.Posix.IO (closeFd, dupTo, stdError, stdOutput)
import System.Posix.Types (Fd)

-- | The console of a session.
newtype Console = Console Driver

-- | Sets the standard handles up.
openConsole :: Driver -> IO Console
openConsole driver = do
  let console = Console driver
  refresh console
  pure console

-- | Makes the standard handles usable again, whatever a cell did to them.
refresh :: Console -> IO ()
refresh (Console driver) = do
  mapM_ ready [stdout, stderr]
  installInput driver
  where
    ready handle = do
      open <- hIsOpen handle
      when open $ do
        hSetBuffering handle LineBuffering
        hSetEncoding handle utf8

-- | Sends what is buffered on its way.
flush :: IO ()
flush = mapM_ attempt [stdout, stderr]
  where
    attempt :: Handle -> IO ()
    attempt handle = hFlush handle `catch` ignore
    ignore :: SomeException -> IO ()
    ignore _ = pure ()

-- | From now on prints go to these descriptors.
redirect :: [Fd] -> IO ()
redirect [out, err] = do
  flush
  void (dupTo out stdOutput)
  void (dupTo err stdError)
  mapM_ closeFd [out, err]
redirect others = mapM_ (\fd -> void (try (closeFd fd) :: IO (Either IOException ()))) others
