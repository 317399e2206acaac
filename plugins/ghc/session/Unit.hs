-- | What compiling a cell makes and running it uses.
module Unit
  ( Unit (..)
  , Step (..)
  , StatementStep (..)
  ) where

import Chunk (Source)
import Compat (HscEnv)
import Data.IORef (IORef)
import GHC (Ghc, Id)
import GHCi.RemoteTypes (ForeignHValue, HValue)
import Span (Problem)

-- | A compiled cell: its steps in order.
data Unit = Unit
  { unitName :: String
  , unitCode :: String
  , unitSteps :: [Step]
  }

-- | One thing to do. Each holds the session as it is after the step.
data Step
  = Become HscEnv
  -- ^ Declarations, imports and flags: all was done at compile time but to make it so.
  | Execute StatementStep
  | Print String
  -- ^ What a directive found.
  | Act (Ghc (Either [Problem] ()))
  -- ^ What a directive does outside of the compiler.
  | CompileRest Source
  -- ^ What can only be compiled when the steps before have run.

-- | A statement that was compiled.
data StatementStep = StatementStep
  { statementAfter :: HscEnv
  , statementAction :: ForeignHValue
  -- ^ @IO [HValue]@: the values of the names, in order.
  , statementBinds :: [(Id, IORef HValue)]
  -- ^ Code that was compiled before the statement ran finds the values through these.
  , statementIsValue :: Bool
  -- ^ Is this an expression, whose value is shown?
  , statementOnlyPrints :: Bool
  -- ^ Does it change nothing but @it@, which is @()@ then?
  }
