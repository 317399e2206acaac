-- | What @:set@ sets besides flags of GHC.
module Toggles
  ( Toggles (..)
  , noToggles
  ) where

-- | Settings that matter when a cell runs.
data Toggles = Toggles
  { toggleTypes :: Bool
  -- ^ @+t@: print the types of what a statement binds.
  , toggleStatistics :: Bool
  -- ^ @+s@: print time and memory of each statement.
  , toggleArguments :: [String]
  , toggleProgram :: String
  }

-- | What a session starts with.
noToggles :: Toggles
noToggles = Toggles False False [] "<interactive>"
