-- | All that differs between versions of the GHC API. The rest of the program sees GHC through
-- the module "GHC" and through this one, whose parts are below @Compat/@.
module Compat
  ( module Compat.Compiling
  , module Compat.Describing
  , module Compat.Lexing
  , module Compat.Listing
  , module Compat.Names
  , module Compat.Parsing
  , module Compat.Problems
  , module Compat.Session
  ) where

import Compat.Compiling
import Compat.Describing
import Compat.Lexing
import Compat.Listing
import Compat.Names
import Compat.Parsing
import Compat.Problems
import Compat.Session
