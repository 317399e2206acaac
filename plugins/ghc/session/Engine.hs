-- | The GHC session: how it starts, and compiling and running cells in it.
module Engine
  ( Engine (..)
  , startEngine
  , configure
  , compileUnit
  , performUnit
  , leavesUnchanged
  , ask
  ) where

import Compat
import Compile (Workspace (..), compileCell)
import Console (flush)
import Context (resetContext)
import Control.Monad (unless, void, when)
import qualified Data.ByteString as B
import Data.IORef (IORef, newIORef, readIORef, writeIORef)
import Data.List (nub, partition)
import Driver (Driver, outputRaw, synchronize)
import Flags (setFlags)
import GHC (Ghc, Name, mkModuleName)
import GHC.Driver.Monad (Session (Session), reflectGhc)
import Hilum.Session (setSink)
import Json (Value, asTexts, field)
import Loops (stoppable)
import Report (reportProblems)
import Run (Runner (..), runUnit)
import Span (Problem (..), Severity (..))
import Toggles (Toggles, noToggles)
import Unit (StatementStep (..), Step (..), Unit (..))

-- | A running session.
data Engine = Engine
  { engineDriver :: Driver
  , engineSession :: IORef HscEnv
  , engineProblems :: IORef [Problem]
  , engineIndex :: IORef Int
  , enginePrinters :: [Name]
  , engineToggles :: IORef Toggles
  , engineUnsettled :: IORef Bool
  -- ^ Something was shown that what is printed next must not overtake.
  , engineItIsUnit :: IORef Bool
  -- ^ The last value is the @()@ of something that printed.
  }

-- | Starts GHC over the libraries in one folder, with the display library's package in another.
startEngine :: Driver -> FilePath -> FilePath -> IO Engine
startEngine driver libraries packages = do
  Session session <- newSession libraries
  problems <- newIORef []
  printers <- reflectGhc (prepare problems packages) (Session session)
  engine <- Engine driver session problems <$> newIORef 0 <*> pure printers
    <*> newIORef noToggles <*> newIORef False <*> newIORef False
  setSink (show' engine)
  pure engine

prepare :: IORef [Problem] -> FilePath -> Ghc [Name]
prepare problems packages = do
  startFlags packages (collectProblems problems)
  resetContext []
  stoppable
  mapM (libraryName (mkModuleName "Hilum.Session")) ["printValue", "printShown"]

-- What the display library sends.
show' :: Engine -> String -> B.ByteString -> IO ()
show' engine kind content = do
  flush
  outputRaw (engineDriver engine) kind content
  writeIORef (engineUnsettled engine) True
  unless (kind == "execute_result") (settle engine)

settle :: Engine -> IO ()
settle engine = do
  unsettled <- readIORef (engineUnsettled engine)
  when unsettled $ do
    writeIORef (engineUnsettled engine) False
    synchronize (engineDriver engine)

-- | Applies the evaluator's section of the config file; what is wrong with it otherwise.
configure :: Engine -> Value -> IO (Either String ())
configure engine settings = do
  outcome <- reflectGhc (setFlags Everywhere flags) (Session (engineSession engine))
  pure (() <$ outcome)
  where
    flags = asTexts (field "flags" settings) ++ map ("-X" ++) (asTexts (field "extensions" settings))

workspace :: Engine -> HscEnv -> Workspace
workspace engine env = Workspace
  { workEnv = env
  , workProblems = engineProblems engine
  , workIndex = engineIndex engine
  , workToggles = engineToggles engine
  , workPrinters = enginePrinters engine
  }

-- | Compiles a cell and reports what GHC says; 'Nothing' when there is an error.
compileUnit :: Engine -> String -> String -> IO (Maybe Unit)
compileUnit engine name code = do
  writeIORef (engineProblems engine) []
  env <- readIORef (engineSession engine)
  outcome <- compileCell (workspace engine env) name code
  errors <- reportRemarks engine code
  case outcome of
    Right unit -> pure (Just unit)
    Left problems -> do
      reportProblems (engineDriver engine) code (if null problems then errors else problems)
      pure Nothing

-- Reports what GHC said that is no error; the errors. What is printed next comes after it. GHC reads an
-- expression in several ways until one fits, and warns each time.
reportRemarks :: Engine -> String -> IO [Problem]
reportRemarks engine code = do
  said <- readIORef (engineProblems engine)
  writeIORef (engineProblems engine) []
  let (errors, remarks) = partition ((== IsError) . problemSeverity) (nub (reverse said))
  unless (null remarks) $ do
    reportProblems (engineDriver engine) code remarks
    writeIORef (engineUnsettled engine) True
  pure errors

-- | Runs a cell; False when a part of it turned out not to compile.
performUnit :: Engine -> Unit -> IO Bool
performUnit engine unit = do
  outcome <- runUnit runner unit
  flush
  -- What GHC said of modules that a directive loaded; these errors are the reason of the directive's.
  errors <- reportRemarks engine (unitCode unit)
  case outcome of
    Right () -> pure True
    Left problems -> do
      reportProblems (engineDriver engine) (unitCode unit) (if null errors then problems else errors)
      pure False
  where
    runner = Runner
      { runnerSession = engineSession engine
      , runnerWorkspace = workspace engine
      , runnerToggles = engineToggles engine
      , runnerRemarks = flush >> void (reportRemarks engine (unitCode unit))
      , runnerSettle = settle engine
      }

-- | Does a cell that has run, to its end or not, leave the session as it was before, as far as its code tells?
leavesUnchanged :: Engine -> Unit -> Bool -> IO Bool
leavesUnchanged engine unit succeeded = do
  wasUnit <- readIORef (engineItIsUnit engine)
  let printing = [statementOnlyPrints statement | Execute statement <- unitSteps unit]
      looks = all harmless (unitSteps unit)
      isUnit = case reverse (unitSteps unit) of
        Execute statement : _ -> statementOnlyPrints statement
        _ -> looks && (wasUnit || not (null printing))
  writeIORef (engineItIsUnit engine) (succeeded && isUnit)
  pure (succeeded && looks && (wasUnit || null printing))
  where
    harmless step = case step of
      Execute statement -> statementOnlyPrints statement
      Print _ -> True
      _ -> False

-- | Asks GHC something about the session, which stays as it is.
ask :: Engine -> Ghc a -> IO a
ask engine question = do
  env <- readIORef (engineSession engine)
  copy <- newIORef env
  answer <- reflectGhc question (Session copy)
  writeIORef (engineProblems engine) []
  pure answer
