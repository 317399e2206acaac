{-# LANGUAGE CApiFFI #-}
-- | Copies of the session that go on in its place: docs/worker-protocol.md, "Checkpoints".
module Checkpoint
  ( takeCheckpoint
  , resume
  ) where

import Control.Exception (IOException, try)
import Control.Monad (void)
import Driver (Driver, driverLink, driverOutside, relink, reply)
import Foreign.C.Error (throwErrnoIfMinus1)
import Foreign.C.Types (CInt (..))
import Foreign.StablePtr (StablePtr, freeStablePtr, newStablePtr)
import GHC.TopHandler (runIO)
import Host (host)
import Json (asInt, field, object, (.=))
import Link (Link, Message (..), closeLink, linkDescriptor, linkPair, sendWithDescriptor)
import Outside (inherits, ownThread)
import System.Posix.IO (closeFd)
import System.Posix.Process
  ( createProcessGroupFor
  , getProcessID
  , getProcessStatus
  , joinProcessGroup
  )
import System.Posix.Types (Fd (..), ProcessGroupID, ProcessID)

foreign import capi unsafe "sleep.h hilum_sleep_is_over"
  c_sleepIsOver :: IO ()

foreign import capi safe "sleep.h hilum_sleep_fork"
  c_sleepFork :: StablePtr (IO ()) -> CInt -> CInt -> CInt -> IO CInt

foreign import capi unsafe "link.h hilum_idle_collection"
  c_idleCollection :: CInt -> IO ()

-- | Forks. The copy sleeps until something comes over a link of its own, and then serves with this
-- action what does.
takeCheckpoint :: Driver -> IO () -> Message -> IO ()
takeCheckpoint driver serving message = do
  old <- driverLink driver
  inherits (driverOutside driver)
  (ours, theirs) <- linkPair
  pid <- forkAsleep (wake driver ours serving) (linkDescriptor ours) theirs (linkDescriptor old)
  -- Here too: it has to be done when the driver hears of the copy.
  void (try (createProcessGroupFor pid) :: IO (Either IOException ProcessGroupID))
  closeLink ours
  sendWithDescriptor old "checkpoint_reply" (messageId message)
    (object ["pid" .= (fromIntegral pid :: Int)]) theirs
  closeFd theirs
  void (ownThread (driverOutside driver) (void (getProcessStatus True False pid)))

-- Not forkProcess, for which the runtime starts at once and with half a dozen threads: most copies
-- are never asked anything.
forkAsleep :: IO () -> Fd -> Fd -> Fd -> IO ProcessID
forkAsleep action (Fd own) (Fd other) (Fd session) = do
  entry <- newStablePtr (runIO action)
  pid <- throwErrnoIfMinus1 "fork" (c_sleepFork entry own other session)
  freeStablePtr entry
  pure (fromIntegral pid)

-- The copy, from the first message on.
wake :: Driver -> Link -> IO () -> IO ()
wake driver link serving = do
  -- A collection would give the copy memory of its own.
  c_idleCollection 0
  relink driver link
  host driver serving

-- | The copy is the session from now on.
resume :: Driver -> Message -> IO ()
resume driver message = do
  mapM_ (joinProcessGroup . fromIntegral) (asInt (field "group" (messageContent message)))
  c_idleCollection 1
  c_sleepIsOver
  pid <- getProcessID
  reply driver message "resume_reply" (object ["pid" .= (fromIntegral pid :: Int)])
