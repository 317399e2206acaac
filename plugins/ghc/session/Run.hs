-- | Running compiled cells.
module Run
  ( Runner (..)
  , runUnit
  ) where

import Compat
import Compile (Workspace (..), compileSource)
import Control.Monad (unless, when, zipWithM_)
import Data.IORef (IORef, readIORef, writeIORef)
import GHC.Clock (getMonotonicTimeNSec)
import GHC.Driver.Monad (Session (Session), reflectGhc)
import GHCi.RemoteTypes (HValue)
import Hilum.Session (setResultType)
import Numeric (showFFloat)
import Span (Problem)
import System.Environment (withArgs, withProgName)
import System.Mem (getAllocationCounter)
import Toggles (Toggles (..))
import Unit
import Unsafe.Coerce (unsafeCoerce)

-- | What running needs of the session.
data Runner = Runner
  { runnerSession :: IORef HscEnv
  , runnerWorkspace :: HscEnv -> Workspace
  , runnerToggles :: IORef Toggles
  , runnerRemarks :: IO ()
  -- ^ Tells the user what compiling a later part of the cell found.
  , runnerSettle :: IO ()
  -- ^ Called before each step: what was shown so far is shown before what comes.
  }

-- | Runs a cell. On the left what kept a later part of it from being compiled. What the code
-- throws goes through; the session has then what was defined up to there.
runUnit :: Runner -> Unit -> IO (Either [Problem] ())
runUnit runner unit = steps (unitSteps unit)
  where
    steps [] = pure (Right ())
    steps (step : rest) = do
      runnerSettle runner
      case step of
        Become env -> become runner env >> steps rest
        Execute statement -> execute runner (null (filter isValue rest)) statement >> steps rest
        Print answer -> putStrLn answer >> steps rest
        Act action -> do
          outcome <- reflectGhc action (Session (runnerSession runner))
          either (pure . Left) (const (steps rest)) outcome
        CompileRest source -> do
          env <- readIORef (runnerSession runner)
          compiled <- compileSource (runnerWorkspace runner env) source
          runnerRemarks runner
          either (pure . Left) steps compiled
    isValue (Execute statement) = statementIsValue statement
    isValue (CompileRest _) = True
    isValue _ = False

execute :: Runner -> Bool -> StatementStep -> IO ()
execute runner isLast statement = do
  setResultType (if isLast && statementIsValue statement then "execute_result" else "display_data")
  action <- valueOf env (statementAction statement)
  toggles <- readIORef (runnerToggles runner)
  values <- withProgName (toggleProgram toggles) $ withArgs (toggleArguments toggles) $
    if toggleStatistics toggles then measured runner (unsafeCoerce action) else unsafeCoerce action :: IO [HValue]
  zipWithM_ (\(_, ref) value -> writeIORef ref value) (statementBinds statement) values
  bindValues env (zip (map fst (statementBinds statement)) values)
  become runner env
  where
    env = statementAfter statement

-- With the types of what is new, when these are asked for.
become :: Runner -> HscEnv -> IO ()
become runner env = do
  before <- readIORef (runnerSession runner)
  writeIORef (runnerSession runner) env
  toggles <- readIORef (runnerToggles runner)
  when (toggleTypes toggles) $ do
    found <- reflectGhc (describeNew before) (Session (runnerSession runner))
    unless (null found) (runnerSettle runner >> mapM_ putStrLn found)

-- Time and memory of a statement, as GHCi has them.
measured :: Runner -> IO a -> IO a
measured runner action = do
  start <- getMonotonicTimeNSec
  before <- getAllocationCounter
  result <- action
  after <- getAllocationCounter
  end <- getMonotonicTimeNSec
  runnerSettle runner
  putStrLn (concat
    ["(", showFFloat (Just 2) (fromIntegral (end - start) / 1e9 :: Double) " secs, "
    , grouped (show (before - after)), " bytes)"])
  pure result
  where
    grouped = reverse . commas . reverse
    commas digits = case splitAt 3 digits of
      (first, []) -> first
      (first, rest) -> first ++ "," ++ commas rest
