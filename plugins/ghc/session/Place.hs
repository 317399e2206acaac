{-# LANGUAGE CPP #-}
-- | Where the files are that the session needs.
module Place
  ( libraryFolder
  , packageFolder
  ) where

import Data.Maybe (fromMaybe)
import System.Environment (getExecutablePath, lookupEnv)
import System.FilePath (takeDirectory, (</>))

-- | The folder of the GHC whose libraries the program runs with.
libraryFolder :: IO FilePath
libraryFolder = fromMaybe HILUM_GHC_LIBDIR <$> lookupEnv "HILUM_GHC_LIBDIR"

-- | The package database of the display library, which stands beside the program.
packageFolder :: IO FilePath
packageFolder = do
  program <- getExecutablePath
  pure (takeDirectory program </> "ghc-library" </> "package.conf.d")
