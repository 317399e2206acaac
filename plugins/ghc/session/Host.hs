-- | The threads of a process that is a session: one serves, the main one waits.
module Host
  ( host
  ) where

import Control.Concurrent (forkIO, myThreadId, newEmptyMVar, takeMVar)
import Control.Exception
  ( AsyncException (HeapOverflow)
  , SomeException
  , catch
  , displayException
  , fromException
  , throwIO
  , try
  )
import Control.Monad (forever, void)
import Driver (Driver, forwardHeapOverflow)
import Foreign.StablePtr (newStablePtr)
import System.Exit (ExitCode (ExitFailure))
import System.IO (hPutStrLn, stderr)
import System.Posix.Process (exitImmediately)
import System.Posix.Signals (Handler (Catch), installHandler, sigINT)

-- | Runs something that serves for ever. Belongs in the main thread of a process.
host :: Driver -> IO () -> IO ()
host driver serving = do
  -- Not ignored, because the programs that a cell starts would ignore it too.
  void (installHandler sigINT (Catch (pure ())) Nothing)
  waiting <- myThreadId
  thread <- forkIO (serving `catch` broken)
  -- When the code of a cell waits for what never comes, the runtime tells all threads that nothing
  -- else can wake. A thread with a stable pointer to it is none of these.
  mapM_ newStablePtr [thread, waiting]
  never <- newEmptyMVar
  forever (waitIn driver (takeMVar never))

broken :: SomeException -> IO ()
broken failure = do
  hPutStrLn stderr ("the Haskell session ends: " ++ displayException failure)
  exitImmediately (ExitFailure 1)

-- The runtime raises heap overflows here.
waitIn :: Driver -> IO () -> IO ()
waitIn driver wait = do
  outcome <- try wait
  case outcome of
    Left failure | Just HeapOverflow <- fromException failure -> forwardHeapOverflow driver
    Left failure -> throwIO failure
    Right () -> pure ()
