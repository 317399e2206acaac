-- | The conversation with the driver while a request is served: what goes out on its behalf, what
-- it asks in between, and how an interrupt reaches the thread that serves it.
module Driver
  ( Driver
  , openDriver
  , relink
  , driverLink
  , driverOutside
  , hasAsked
  , nextRequest
  , serving
  , Outcome (..)
  , guarded
  , forwardHeapOverflow
  , output
  , outputRaw
  , reply
  , logLine
  , synchronize
  , Answer (..)
  , askLine
  ) where

import Control.Concurrent
  ( MVar
  , ThreadId
  , forkIO
  , forkIOWithUnmask
  , mkWeakThreadId
  , newEmptyMVar
  , putMVar
  , takeMVar
  , throwTo
  , tryTakeMVar
  , yield
  )
import Control.Concurrent.Chan (Chan, newChan, readChan, writeChan)
import Control.Exception
  ( AsyncException (HeapOverflow, UserInterrupt)
  , SomeException
  , mask_
  , throwIO
  , try
  )
import Control.Monad (forM_, replicateM_, void, when)
import qualified Data.ByteString as B
import Data.IORef (IORef, newIORef, readIORef, writeIORef)
import Json (Value, asText, encodeBytes, field, object, (.=))
import Outside (Outside, newOutside)
import Link (Link, Message (..), receive, send, sendRaw, watchLink)
import System.Mem.Weak (Weak, deRefWeak)
import System.Posix.Process (exitImmediately)
import System.Exit (ExitCode (ExitSuccess))

-- | The driver as the session sees it.
data Driver = Driver
  { linkRef :: !(IORef Link)
  , requests :: !(IORef (Chan Message))
  , answers :: !(MVar Message)
  , currentRef :: !(IORef Int)
  , runningRef :: !(IORef (Maybe Running))
  , interruptRef :: !(IORef Int)
  , askedRef :: !(IORef Int)
  -- ^ The request for which the user was asked something last.
  , driverOutside :: !Outside
  }

-- | The thread that serves a request. The reference is weak, so that the runtime can still tell
-- the thread that it is blocked for ever.
data Running = Running
  { runningRequest :: !Int
  , runningThread :: !(Weak ThreadId)
  , runningStopped :: !(IORef Bool)
  }

-- | How serving a request ended.
data Outcome a
  = Done a
  | Failed SomeException
  | Interrupted

-- | Takes the link; messages are read in a thread from now on.
openDriver :: Link -> IO Driver
openDriver link = do
  driver <- Driver <$> newIORef link <*> (newChan >>= newIORef) <*> newEmptyMVar <*> newIORef 0 <*> newIORef Nothing
    <*> newIORef 0 <*> newIORef 0 <*> newOutside
  startReader driver link
  pure driver

-- | From now on another link, in a process that was forked: none of the threads is there that may
-- have held what the driver is made of.
relink :: Driver -> Link -> IO ()
relink driver link = do
  writeIORef (linkRef driver) link
  newChan >>= writeIORef (requests driver)
  void (tryTakeMVar (answers driver))
  writeIORef (runningRef driver) Nothing
  writeIORef (interruptRef driver) 0
  startReader driver link

-- | The link in use.
driverLink :: Driver -> IO Link
driverLink driver = readIORef (linkRef driver)

startReader :: Driver -> Link -> IO ()
startReader driver link = do
  watchLink link
  void (forkIO loop)
  where
    loop = receive link >>= maybe (exitImmediately ExitSuccess) (\message -> dispatch message >> loop)
    dispatch message = case messageType message of
      "interrupt_request" -> interrupt driver (messageId message)
      "input_reply" -> answer message
      "sync_reply" -> answer message
      _ -> do
        queue <- readIORef (requests driver)
        writeChan queue message
        -- Waiting for the next message hands the runtime to another thread of the system, which takes
        -- as long as a good part of a short request. So those who serve this one get their turns
        -- first: it is given out, done, answered. Whatever takes longer is put off by the runtime.
        replicateM_ 3 yield
    answer message = do
      void (tryTakeMVar (answers driver))
      putMVar (answers driver) message

interrupt :: Driver -> Int -> IO ()
interrupt driver request = do
  writeIORef (interruptRef driver) request
  running <- readIORef (runningRef driver)
  forM_ running $ \job -> when (runningRequest job == request) $ do
    writeIORef (runningStopped job) True
    thread <- deRefWeak (runningThread job)
    -- In a thread of its own: it blocks while the code is in a foreign call.
    forM_ thread $ \target -> forkIO (throwTo target UserInterrupt)

-- | The next request, in order.
nextRequest :: Driver -> IO Message
nextRequest driver = readIORef (requests driver) >>= readChan

-- | What is sent from now on belongs to this request.
serving :: Driver -> Message -> IO ()
serving driver message = writeIORef (currentRef driver) (messageId message)

-- | Runs something for the current request in a thread of its own that an interrupt can stop.
guarded :: Driver -> IO a -> IO (Outcome a)
guarded driver action = do
  result <- newEmptyMVar
  stopped <- newIORef False
  request <- readIORef (currentRef driver)
  weak <- mask_ (forkIOWithUnmask (\unmask -> try (unmask action) >>= putMVar result)) >>= mkWeakThreadId
  writeIORef (runningRef driver) (Just (Running request weak stopped))
  -- An interrupt that came before there was a thread to stop.
  early <- readIORef (interruptRef driver)
  when (early == request && request /= 0) (interrupt driver request)
  outcome <- takeMVar result
  writeIORef (runningRef driver) Nothing
  wasStopped <- readIORef stopped
  pure $ case outcome of
    Right value -> Done value
    Left _ | wasStopped -> Interrupted
    Left failure -> Failed failure

-- | The runtime tells the main thread of a heap overflow; the code that fills the heap is in the
-- thread that serves the request, if there is one.
forwardHeapOverflow :: Driver -> IO ()
forwardHeapOverflow driver = do
  running <- readIORef (runningRef driver)
  forM_ running $ \job -> do
    thread <- deRefWeak (runningThread job)
    forM_ thread (`throwTo` HeapOverflow)

-- | Sends an output of the current request.
output :: Driver -> String -> Value -> IO ()
output driver kind content = outputRaw driver kind (encodeBytes content)

-- | Sends an output whose content is JSON already.
outputRaw :: Driver -> String -> B.ByteString -> IO ()
outputRaw driver kind content = do
  link <- driverLink driver
  request <- readIORef (currentRef driver)
  sendRaw link kind request content

-- | Answers a request.
reply :: Driver -> Message -> String -> Value -> IO ()
reply driver message kind content = do
  link <- driverLink driver
  send link kind (messageId message) content

-- | A line for the kernel's log.
logLine :: Driver -> String -> String -> IO ()
logLine driver level line =
  output driver "log" (object ["level" .= level, "text" .= line])

-- | Returns when all that was sent and printed so far is with the kernel, so that what is printed
-- next comes after it.
synchronize :: Driver -> IO ()
synchronize driver = void (ask driver "sync_request" "sync_reply" (object []))

-- | What the user answered.
data Answer
  = Line String
  | EndOfInput
  | Unavailable

-- | Asks the user for a line. An interrupt is raised in the caller.
askLine :: Driver -> String -> Bool -> IO Answer
askLine driver prompt password = do
  readIORef (currentRef driver) >>= writeIORef (askedRef driver)
  content <- ask driver "input_request" "input_reply"
    (object ["prompt" .= prompt, "password" .= password])
  case (asText (field "value" content), asText (field "status" content)) of
    (Just line, _) -> pure (Line line)
    (_, Just "eof") -> pure EndOfInput
    (_, Just "interrupted") -> stopSelf driver
    _ -> pure Unavailable

-- | Was the user asked something for the current request?
hasAsked :: Driver -> IO Bool
hasAsked driver = (==) <$> readIORef (askedRef driver) <*> readIORef (currentRef driver)

-- The interrupt itself may come a moment before or after this answer.
stopSelf :: Driver -> IO a
stopSelf driver = do
  running <- readIORef (runningRef driver)
  forM_ running $ \job -> writeIORef (runningStopped job) True
  throwIO UserInterrupt

ask :: Driver -> String -> String -> Value -> IO Value
ask driver kind wanted content = do
  void (tryTakeMVar (answers driver))
  output driver kind content
  wait
  where
    wait = do
      message <- takeMVar (answers driver)
      if messageType message == wanted then pure (messageContent message) else wait
