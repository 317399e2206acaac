{-# LANGUAGE CApiFFI #-}
-- | Copies of the session that go on in its place: docs/worker-protocol.md, "Checkpoints".
module Checkpoint
  ( takeCheckpoint
  , resume
  ) where

import Control.Concurrent (forkIO)
import Control.Exception (IOException, try)
import Control.Monad (void)
import Driver (Driver, driverLink, relink, reply)
import Foreign.C.Types (CInt (..))
import Host (host)
import Json (asInt, field, object, (.=))
import Link (Message (..), closeLink, linkPair, sendWithDescriptor)
import System.Posix.IO (closeFd)
import System.Posix.Process
  ( createProcessGroupFor
  , forkProcess
  , getProcessID
  , getProcessStatus
  , joinProcessGroup
  )
import System.Posix.Types (ProcessGroupID)

foreign import capi unsafe "link.h hilum_idle_collection"
  c_idleCollection :: CInt -> IO ()

-- | Forks. The copy sleeps, serving with this action what comes over a link of its own.
takeCheckpoint :: Driver -> IO () -> Message -> IO ()
takeCheckpoint driver serving message = do
  old <- driverLink driver
  (ours, theirs) <- linkPair
  pid <- forkProcess $ do
    void (createProcessGroupFor 0)
    closeFd theirs
    closeLink old
    -- A collection would give the copy memory of its own.
    c_idleCollection 0
    relink driver ours
    host driver serving
  -- Here too: it has to be done when the driver hears of the copy.
  void (try (createProcessGroupFor pid) :: IO (Either IOException ProcessGroupID))
  closeLink ours
  sendWithDescriptor old "checkpoint_reply" (messageId message)
    (object ["pid" .= (fromIntegral pid :: Int)]) theirs
  closeFd theirs
  void (forkIO (void (getProcessStatus True False pid)))

-- | The copy is the session from now on.
resume :: Driver -> Message -> IO ()
resume driver message = do
  mapM_ (joinProcessGroup . fromIntegral) (asInt (field "group" (messageContent message)))
  c_idleCollection 1
  pid <- getProcessID
  reply driver message "resume_reply" (object ["pid" .= (fromIntegral pid :: Int)])
