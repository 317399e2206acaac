{-# LANGUAGE CApiFFI #-}
-- | What changes a session although its memory is the same, or could change it later: files that are
-- read as their contents are used, and threads. After a cell that only printed there has to be none
-- of that before it counts as one that left the session as it was.
module Outside
  ( Outside
  , newOutside
  , ownThread
  , becomesBase
  , inherits
  , isAsAtStart
  ) where

import Control.Concurrent (ThreadId, forkIO, myThreadId, threadDelay)
import Control.Exception (finally)
import Data.Char (digitToInt, isDigit)
import Data.IORef (IORef, atomicModifyIORef', newIORef, readIORef, writeIORef)
import Data.Word (Word64)
import Foreign.C.Types (CInt (..), CSize (..))
import Foreign.Marshal.Array (allocaArray, peekArray, withArrayLen)
import Foreign.Ptr (Ptr)

foreign import capi unsafe "outside.h hilum_open_files"
  c_openFiles :: IO CInt

foreign import capi unsafe "outside.h hilum_other_threads"
  c_otherThreads :: Ptr Word64 -> CSize -> IO CInt

foreign import capi unsafe "outside.h hilum_threads"
  c_threads :: Ptr Word64 -> CSize -> IO CSize

-- | What is the session's own.
data Outside = Outside
  { runtimeThreads :: IORef [Word64]
  , ownThreads :: IORef [Word64]
  , ownFiles :: IORef CInt
  , cellFiles :: IORef CInt
  -- ^ Files that cells had open when this process was forked.
  }

-- What ownFiles is before a session is loaded; -1 is for a number that could not be told.
notYet :: CInt
notYet = -2

-- | Nothing is known yet.
newOutside :: IO Outside
newOutside = Outside <$> newIORef [] <*> newIORef [] <*> newIORef notYet <*> newIORef 0

-- | Forks a thread that belongs to the session.
ownThread :: Outside -> IO () -> IO ThreadId
ownThread outside action = forkIO $ do
  self <- numberOf <$> myThreadId
  atomicModifyIORef' (ownThreads outside) (\ids -> (self : ids, ()))
  action `finally` atomicModifyIORef' (ownThreads outside) (\ids -> (filter (/= self) ids, ()))

numberOf :: ThreadId -> Word64
numberOf = foldl (\number digit -> number * 10 + fromIntegral (digitToInt digit)) 0 . filter isDigit . show

-- | No cell has run in this process: what is there now is the session's own, but for files that the
-- process inherited.
becomesBase :: Outside -> IO ()
becomesBase outside = do
  before <- readIORef (ownFiles outside)
  inherited <- readIORef (cellFiles outside)
  own <- if before == notYet then c_openFiles else atLeast (100 :: Int) before inherited
  writeIORef (ownFiles outside) own
  ids <- allocaArray 64 $ \room -> do
    count <- c_threads room 64
    peekArray (min 64 (fromIntegral count)) room
  writeIORef (runtimeThreads outside) ids
  where
    -- A copy has as many as the process it was forked from. Some are the runtime's, which opens them
    -- again in threads that may not have run yet.
    atLeast tries own inherited = do
      open <- c_openFiles
      if open >= own + inherited
        then pure own
        else if tries == 0 then pure (-1) else threadDelay 1000 >> atLeast (tries - 1) own inherited

-- | Before a fork: what the cells have open now, the copy will have.
inherits :: Outside -> IO ()
inherits outside = do
  open <- c_openFiles
  own <- readIORef (ownFiles outside)
  writeIORef (cellFiles outside) (open - own)

-- | Have cells no file open, and no thread besides the one that calls this?
isAsAtStart :: Outside -> IO Bool
isAsAtStart outside = do
  self <- numberOf <$> myThreadId
  known <- (\a b -> self : a ++ b) <$> readIORef (runtimeThreads outside) <*> readIORef (ownThreads outside)
  others <- withArrayLen known $ \count ids -> c_otherThreads ids (fromIntegral count)
  open <- c_openFiles
  own <- readIORef (ownFiles outside)
  pure (others == 0 && open >= 0 && open <= own)
