-- | Serving the driver's requests, one after the other.
module Serve
  ( serve
  ) where

import Complete (complete)
import Checkpoint (resume, takeCheckpoint)
import Console (Console, flush, redirect, refresh, renew)
import Control.Exception (SomeException, evaluate)
import Data.IORef (IORef, newIORef, readIORef, writeIORef)
import Data.List (stripPrefix)
import Data.Maybe (fromMaybe)
import Driver
  ( Driver
  , driverOutside
  , hasAsked
  , Outcome (..)
  , guarded
  , nextRequest
  , output
  , outputRaw
  , reply
  , serving
  )
import Engine (Engine (..), ask, compileUnit, configure, leavesUnchanged, performUnit)
import Failure (failureContent, silentContent)
import GHC (Ghc)
import Input (allowInput)
import Inspect (inspect)
import IsComplete (isComplete)
import Json (Value (..), asBool, asInt, asText, encodeBytes, field, object, (.=))
import Limits (parseSize, setHeapLimit)
import Link (Message (..))
import Outside (becomesBase, isAsAtStart)
import System.Exit (ExitCode (ExitSuccess))
import System.Posix.Process (exitImmediately)
import Unit (Unit (..))

-- | Serves for ever.
serve :: Engine -> Console -> IO ()
serve engine console = do
  unit <- newIORef Nothing
  loop unit
  where
    driver = engineDriver engine
    loop unit = do
      message <- nextRequest driver
      serving driver message
      handle engine console unit message
      loop unit

handle :: Engine -> Console -> IORef (Maybe Unit) -> Message -> IO ()
handle engine console unit message = case messageType message of
  "load_request" -> loadRequest engine message
  "compile_request" -> compileRequest engine console unit message
  "run_request" -> runRequest engine console unit message (messageContent message)
  "complete_request" -> question engine message $ \content ->
    complete (code content) (fromMaybe maxBound (asInt (field "cursor_pos" content)))
  "inspect_request" -> question engine message $ \content ->
    inspect (code content) (fromMaybe maxBound (asInt (field "cursor_pos" content)))
      (fromMaybe 0 (asInt (field "detail_level" content)))
  "is_complete_request" -> question engine message (isComplete . code)
  "discard_request" -> writeIORef unit Nothing
  "checkpoint_request" -> do
    flush
    takeCheckpoint (engineDriver engine) (renew console >> becomesBase outside >> serve engine console) message
  "resume_request" -> resume (engineDriver engine) message
  "redirect" -> redirect console (messageDescriptors message)
  "shutdown_request" -> flush >> exitImmediately ExitSuccess
  _ -> pure ()
  where
    code = fromMaybe "" . asText . field "code"
    outside = driverOutside (engineDriver engine)

-- Answers a question about code; what the session is stays as it is.
question :: Engine -> Message -> (Value -> Ghc Value) -> IO ()
question engine message answer = do
  outcome <- guarded driver (ask engine (answer (messageContent message)))
  reply driver message kind $ case outcome of
    Done content -> content
    Interrupted -> statusContent "aborted"
    Failed failure -> object
      [ "status" .= "error", "ename" .= "Failure", "evalue" .= show failure, "traceback" .= [show failure] ]
  where
    driver = engineDriver engine
    kind = fromMaybe (messageType message) (stripEnd "_request") ++ "_reply"
    stripEnd end = reverse <$> stripPrefix (reverse end) (reverse (messageType message))

loadRequest :: Engine -> Message -> IO ()
loadRequest engine message = do
  let settings = field "settings" (messageContent message)
      limit = field "heap_limit" settings
  mapM_ setHeapLimit (maybe (fromIntegral <$> asInt limit) parseSize (asText limit))
  outcome <- configure engine settings
  becomesBase (driverOutside (engineDriver engine))
  reply (engineDriver engine) message "load_reply" $ case outcome of
    Right () -> object ["status" .= "ok"]
    Left wrong -> object
      [ "status" .= "error", "ename" .= "ConfigError", "evalue" .= wrong, "traceback" .= [wrong] ]

-- Goes on to run what it has compiled when the request says so.
compileRequest :: Engine -> Console -> IORef (Maybe Unit) -> Message -> IO ()
compileRequest engine console unit message = do
  let content = messageContent message
      name = fromMaybe "cell" (asText (field "name" content))
      code = fromMaybe "" (asText (field "code" content))
      driver = engineDriver engine
  writeIORef unit Nothing
  outcome <- guarded driver (compileUnit engine name code)
  flush
  status <- case outcome of
    Done (Just compiled) -> writeIORef unit (Just compiled) >> pure "ok"
    Done Nothing -> pure "error"
    Interrupted -> pure "aborted"
    Failed failure -> reportFailure driver name failure >> pure "error"
  reply driver message "compile_reply" (statusContent status)
  case field "run" content of
    run@(Object _) | status == "ok" -> runRequest engine console unit message run
    _ -> pure ()

runRequest :: Engine -> Console -> IORef (Maybe Unit) -> Message -> Value -> IO ()
runRequest engine console unit message content = do
  compiled <- readIORef unit
  writeIORef unit Nothing
  let driver = engineDriver engine
  (status, unchanged) <- case compiled of
    Nothing -> pure ("error", True)
    Just found -> do
      refresh console
      allowInput (fromMaybe False (asBool (field "allow_stdin" content)))
      before <- isAsAtStart (driverOutside driver)
      outcome <- guarded driver (performUnit engine found)
      flush
      refresh console
      unchanged <- (before &&) <$> isUnchanged engine found (case outcome of Done True -> True; _ -> False)
      case outcome of
        Done True -> pure ("ok", unchanged)
        Done False -> pure ("error", False)
        Interrupted -> pure ("aborted", False)
        Failed failure -> reportFailure driver (unitName found) failure >> pure ("error", False)
  reply driver message "run_reply" $
    object (("status" .= (status :: String)) : ["unchanged" .= True | unchanged])

-- Did the cell that has just run certainly leave the session as it was?
isUnchanged :: Engine -> Unit -> Bool -> IO Bool
isUnchanged engine unit succeeded = do
  unchanged <- leavesUnchanged engine unit succeeded
  asked <- hasAsked driver
  if unchanged && not asked then isAsAtStart (driverOutside driver) else pure False
  where
    driver = engineDriver engine

-- The message of an exception is made by code of the cell, which may fail too: then that is told.
reportFailure :: Driver -> String -> SomeException -> IO ()
reportFailure driver name = report (3 :: Int)
  where
    report attempts failure = do
      made <- guarded driver (evaluate (encodeBytes (failureContent name failure)))
      case made of
        Done content -> outputRaw driver "diagnostic" content
        Failed other | attempts > 0 -> report (attempts - 1) other
        _ -> output driver "diagnostic" (silentContent failure)

statusContent :: String -> Value
statusContent status = object ["status" .= status]
