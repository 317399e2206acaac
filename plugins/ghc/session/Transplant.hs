{-# LANGUAGE RecordWildCards #-}
-- | A handle that is another from now on: code that holds @stdin@ holds what was put there.
module Transplant
  ( transplant
  , isHeld
  ) where

import Control.Concurrent.MVar (isEmptyMVar, modifyMVar, putMVar, tryTakeMVar)
import Control.Monad (when)
import Data.Maybe (isJust)
import GHC.IO.Handle.Types (Handle (..), Handle__ (..), HandleType (ClosedHandle))

-- | Puts what a new handle is in the place of an old one. The new one counts as closed: its
-- finalizer would else empty the buffers that the old one has now. An old one that a thread is at
-- work on stays as it is, unless that thread is known to be gone.
transplant :: Bool -> Handle -> Handle -> IO ()
transplant gone (FileHandle _ from) (FileHandle _ to) = do
  inside <- modifyMVar from (\handle -> pure (closed handle, handle))
  taken <- tryTakeMVar to
  when (gone || isJust taken) (putMVar to inside)
  where
    closed Handle__ {..} = Handle__ {haType = ClosedHandle, ..}
transplant _ _ _ = ioError (userError "a handle of a file was expected")

-- | Is a thread at work on this handle?
isHeld :: Handle -> IO Bool
isHeld (FileHandle _ inside) = isEmptyMVar inside
isHeld (DuplexHandle _ _ inside) = isEmptyMVar inside
