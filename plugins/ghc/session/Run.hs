-- | Running compiled cells.
module Run
  ( Runner (..)
  , runUnit
  ) where

import Compat
import Compile (Workspace (..), compileSource)
import Control.Monad (zipWithM_)
import Data.IORef (IORef, readIORef, writeIORef)
import GHC.Driver.Monad (Session (Session), reflectGhc)
import GHCi.RemoteTypes (HValue)
import Hilum.Session (setResultType)
import Span (Problem)
import Unit
import Unsafe.Coerce (unsafeCoerce)

-- | What running needs of the session.
data Runner = Runner
  { runnerSession :: IORef HscEnv
  , runnerWorkspace :: HscEnv -> Workspace
  , runnerRemarks :: [Problem] -> IO ()
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
        Become env -> writeIORef (runnerSession runner) env >> steps rest
        Execute statement -> execute runner (null (filter isValue rest)) statement >> steps rest
        Print answer -> putStrLn answer >> steps rest
        Act action -> do
          outcome <- reflectGhc action (Session (runnerSession runner))
          either (pure . Left) (const (steps rest)) outcome
        CompileRest source -> do
          env <- readIORef (runnerSession runner)
          compiled <- compileSource (runnerWorkspace runner env) source
          either (pure . Left) steps compiled
    isValue (Execute statement) = statementIsValue statement
    isValue (CompileRest _) = True
    isValue _ = False

execute :: Runner -> Bool -> StatementStep -> IO ()
execute runner isLast statement = do
  setResultType (if isLast && statementIsValue statement then "execute_result" else "display_data")
  action <- valueOf env (statementAction statement)
  values <- unsafeCoerce action :: IO [HValue]
  zipWithM_ (\(_, ref) value -> writeIORef ref value) (statementBinds statement) values
  bindValues env (zip (map fst (statementBinds statement)) values)
  writeIORef (runnerSession runner) env
  where
    env = statementAfter statement
