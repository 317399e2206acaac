{-# LANGUAGE RecordWildCards #-}
-- | A handle that is another from now on: code that holds @stdin@ holds what was put there.
module Transplant
  ( transplant
  ) where

import Control.Concurrent.MVar (modifyMVar, swapMVar)
import Control.Monad (void)
import GHC.IO.Handle.Types (Handle (..), Handle__ (..), HandleType (ClosedHandle))

-- | Puts what a new handle is in the place of an old one. The new one counts as closed: its
-- finalizer would else empty the buffers that the old one has now.
transplant :: Handle -> Handle -> IO ()
transplant (FileHandle _ from) (FileHandle _ to) = do
  inside <- modifyMVar from (\handle -> pure (closed handle, handle))
  void (swapMVar to inside)
  where
    closed Handle__ {..} = Handle__ {haType = ClosedHandle, ..}
transplant _ _ = ioError (userError "a handle of a file was expected")
