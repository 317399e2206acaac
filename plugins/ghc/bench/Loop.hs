-- | The least that a statement costs through the GHC API: a loop around 'execStmt'. It reads one
-- statement a line and answers with what that prints and a zero byte. The benchmark measures
-- Haskell sessions against it.
module Main (main) where

import Control.Monad (forever)
import Control.Monad.IO.Class (liftIO)
import qualified Data.Set as Set
import GHC
import GHC.Driver.Session (gopt_set, gopt_unset, targetPlatform, ways)
import GHC.Driver.Ways (hostFullWays, wayGeneralFlags, wayUnsetGeneralFlags)
import System.Environment (getArgs)
import System.IO (hFlush, stdout)

main :: IO ()
main = do
  [libraries] <- getArgs
  runGhc (Just libraries) $ do
    flags <- getSessionDynFlags
    _ <- setSessionDynFlags (ownWays flags {hscTarget = HscInterpreted, ghcLink = LinkInMemory})
    setContext [IIDecl (simpleImportDecl (mkModuleName "Prelude"))]
    forever $ do
      line <- liftIO getLine
      outcome <- execStmt line execOptions
      liftIO $ case outcome of
        ExecComplete (Right _) _ -> putStr "\0" >> hFlush stdout
        _ -> fail ("cannot run " ++ line)
  where
    -- Interpreted code is loaded as this program was linked.
    ownWays flags =
      let platform = targetPlatform flags
          all' change of' start = foldl change start (concatMap (of' platform) (Set.toList hostFullWays))
       in all' gopt_unset wayUnsetGeneralFlags (all' gopt_set wayGeneralFlags flags {ways = hostFullWays})
