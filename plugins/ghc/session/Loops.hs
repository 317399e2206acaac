{-# LANGUAGE RankNTypes #-}
-- | A loop of the base library that an interrupt cannot stop, and what cells get in its place.
--
-- The runtime raises an exception in code when it allocates. In @forever (return ())@ nothing does:
-- all that runs is compiled code of the library.
module Loops
  ( stoppable
  ) where

import Compat (bindNames)
import GHC (Ghc, parseName)
import GHCi.RemoteTypes (HValue)
import Unsafe.Coerce (unsafeCoerce)

-- Represented as the function that takes the dictionary first.
newtype Forever = Forever (forall f a b. Applicative f => f a -> f b)

-- | From now on the code of cells uses loops that can be stopped. Loading modules undoes it.
stoppable :: Ghc ()
stoppable = do
  names <- parseName "Control.Monad.forever"
  bindNames [(name, unsafeCoerce (Forever allocating) :: HValue) | name <- names]

-- By the laws of functors the same as 'Control.Monad.forever'. The new result is allocated, which
-- it would not be with 'Data.Functor.<$'.
allocating :: Applicative f => f a -> f b
allocating action = loop
  where
    loop = fmap (const ()) action *> loop
