-- | From the text of a cell to steps that can be run, without a change to the session: all is
-- checked against a copy of it, so that an error in the last line is found before the first runs.
module Compile
  ( Workspace (..)
  , compileCell
  , compileSource
  ) where

import Action (asAction)
import Chunk
import Compat
import Control.Monad (forM)
import Control.Monad.IO.Class (liftIO)
import Data.IORef (IORef, modifyIORef', newIORef, readIORef, writeIORef)
import Data.List (isInfixOf)
import qualified Context
import Directive (Directive (directiveOffset), directiveEffect, parseDirective)
import Effect (Effect (..), onlyLooks)
import Flags (pragmaFlags, setFlags)
import GHC (Ghc, Name, simpleImportDecl)
import GHC.Driver.Monad (Session (Session), getSession, reflectGhc, setSession)
import GHCi.RemoteTypes (HValue)
import Looks (onlyPrints)
import Compat.Shape (bindsUnit)
import Span (Problem (..), Severity (..), Span (..))
import Compat.Statement (bound, mayBeSplice, signatureNames, isExpression)
import System.IO.Unsafe (unsafePerformIO)
import Toggles (Toggles)
import Unit (StatementStep (..), Step (..), Unit (..))

-- | What compiling needs to know of the session.
data Workspace = Workspace
  { workEnv :: HscEnv
  , workProblems :: IORef [Problem]
  -- ^ What GHC logs, newest first.
  , workIndex :: IORef Int
  -- ^ No number below this may name a module of definitions again, also not of a cell that failed.
  , workToggles :: IORef Toggles
  , workPrinters :: [Name]
  -- ^ Functions that show the value of an expression, the preferred one first.
  }

-- | Compiles a cell. On the left what is wrong with it.
compileCell :: Workspace -> String -> String -> IO (Either [Problem] Unit)
compileCell work name text = fmap (Unit name text) <$> steps
  where
    source = cellSource name text
    steps
      | "module" `isInfixOf` text, isModule (interactiveFlags (workEnv work)) source = inCopy work (wholeModule name text)
      | otherwise = compileSource work source

-- | Compiles what is left of a cell.
compileSource :: Workspace -> Source -> IO (Either [Problem] [Step])
compileSource work source = inCopy work (items work source)

-- Does something with a copy of the session.
inCopy :: Workspace -> Outcome -> IO (Either [Problem] [Step])
inCopy work action = do
  index <- readIORef (workIndex work)
  let env = withInteractiveIndex (max index (interactiveIndex (workEnv work))) (workEnv work)
  ref <- newIORef env
  outcome <- reflectGhc action (Session ref)
  final <- readIORef ref
  modifyIORef' (workIndex work) (max (interactiveIndex final))
  pure outcome

type Outcome = Ghc (Either [Problem] [Step])

andThen :: [Step] -> Outcome -> Outcome
andThen steps rest = fmap (steps ++) <$> rest

items :: Workspace -> Source -> Outcome
items _ source | isBlank source = pure (Right [])
items work source = do
  env <- getSession
  case nextChunk (interactiveFlags env) source of
    Nothing -> pure (Right [])
    Just (chunk, rest) -> case chunkKind chunk of
      PragmaChunk -> pragma work source chunk rest
      ImportChunk -> imports work chunk (sourceName source) rest
      DirectiveChunk -> directive work source chunk rest
      BlockChunk -> block work source chunk rest
      CodeChunk -> code work source chunk rest

-- A module is brought into scope as an import of it would.
wholeModule :: String -> String -> Outcome
wholeModule name text = do
  outcome <- attempt $ do
    defined <- compileModule name text
    Context.removeContext [defined]
    Context.addImports [simpleImportDecl defined]
  case outcome of
    Left problems -> pure (Left problems)
    Right () -> do
      env <- getSession
      pure (Right [Become env])

become :: Workspace -> Source -> Outcome
become work rest = do
  env <- getSession
  [Become env] `andThen` items work rest

pragma :: Workspace -> Source -> Chunk -> Source -> Outcome
pragma work source chunk rest = do
  outcome <- setFlags Interactive (pragmaFlags (unlines (chunkLines chunk)))
  case outcome of
    Left wrong -> pure (Left [chunkProblem source chunk wrong])
    Right _ -> become work rest

imports :: Workspace -> Chunk -> String -> Source -> Outcome
imports work chunk name rest = do
  env <- getSession
  case parseModuleText (interactiveFlags env) name (chunkLine chunk) (unlines (chunkLines chunk)) of
    Left problems -> pure (Left problems)
    Right parsed -> do
      outcome <- attempt (Context.addImports (parsedImports parsed))
      either (pure . Left . map (placed parsed)) (const (become work rest)) outcome

-- A module that is not there is an error without a place.
placed :: Items -> Problem -> Problem
placed parsed problem = case parsedImports parsed of
  declaration : _ | spanLine (problemSpan problem) == 0 -> problem {problemSpan = importPlace declaration}
  _ -> problem

-- A part of the compiler as a value of its errors; on an error the session is as it was.
attempt :: Ghc a -> Ghc (Either [Problem] a)
attempt action = do
  env <- getSession
  ref <- liftIO (newIORef env)
  outcome <- liftIO (withSourceErrors env "compile" (reflectGhc action (Session ref)))
  final <- liftIO (readIORef ref)
  case outcome of
    Right _ -> setSession final
    Left _ -> setSession (withInteractiveIndex (interactiveIndex final) env)
  pure outcome

-- A part of the compiler that changes the session even when it fails.
acted :: Ghc a -> Ghc (Either [Problem] a)
acted action = do
  env <- getSession
  ref <- liftIO (newIORef env)
  outcome <- liftIO (withSourceErrors env "compile" (reflectGhc action (Session ref)))
  liftIO (readIORef ref) >>= setSession
  pure outcome

directive :: Workspace -> Source -> Chunk -> Source -> Outcome
directive work source chunk rest = case parseDirective line of
  Left wrong -> pure (Left [problem wrong])
  Right parsed -> do
    before <- getSession
    let does = directiveEffect (workToggles work) parsed
    outcome <- attempt (compiling does)
    case outcome of
      Left problems -> pure (Left (map (relocate parsed) problems))
      Right (Left wrong) -> pure (Left [problem wrong])
      Right (Right answered) | onlyLooks does -> do
        setSession before
        [Print answered | not (null answered)] `andThen` items work rest
      Right (Right answered) -> do
        env <- getSession
        let steps = Become env : [Print answered | not (null answered)]
              ++ [Act (done parsed <$> acted action) | Just action <- [running does]]
        if decides does && not (isBlank rest)
          then pure (Right (steps ++ [CompileRest rest]))
          else steps `andThen` items work rest
  where
    problem = chunkProblem source chunk
    line = concat (take 1 (dropWhile (all (`elem` " \t")) (chunkLines chunk)))
    done parsed = either (Left . map (relocate parsed)) (either (Left . (: []) . problem) Right)
    -- GHC reads the argument alone.
    relocate parsed found
      | spanFile place == "<interactive>" = found {problemSpan = moved place}
      | otherwise = found {problemSpan = whole}
      where
        place = problemSpan found
        whole = problemSpan (problem "")
        moved at = at
          { spanFile = sourceName source
          , spanLine = spanLine whole
          , spanEndLine = spanLine whole
          , spanColumn = spanColumn at + directiveOffset parsed
          , spanEndColumn = spanEndColumn at + directiveOffset parsed
          }

-- What stands between `:{` and `:}` is one statement when it can be read as one.
block :: Workspace -> Source -> Chunk -> Source -> Outcome
block work source chunk rest = do
  env <- getSession
  let text = unlines (chunkLines chunk)
  case parseStatement (interactiveFlags env) (sourceName source) (chunkLine chunk) text of
    Right (Just statement) -> statementStep work source (chunkLine chunk, text) statement rest
    _ -> do
      inner <- items work (Source (sourceName source) (chunkLine chunk) (chunkLines chunk))
      either (pure . Left) (`andThen` items work rest) inner

code :: Workspace -> Source -> Chunk -> Source -> Outcome
code work source chunk rest = do
  env <- getSession
  let text = unlines (chunkLines chunk)
      reading = parseStatement (interactiveFlags env) (sourceName source) (chunkLine chunk) text
      asStatement = case reading of
        Right Nothing -> items work rest
        Right (Just statement) -> statementStep work source (chunkLine chunk, text) statement rest
        Left problems -> pure (Left problems)
  case reading of
    Right (Just statement) | Nothing <- signatureNames statement -> asStatement
    _ -> declarationGroup source
      >>= maybe asStatement (\(chunks, after) -> declarations work source chunks after)

-- The declarations that the source starts with, if it does: equations of a function belong
-- together, and so do types and functions that name each other. A signature is read as an
-- expression too; it is one unless what it names is defined in the same group.
declarationGroup :: Source -> Ghc (Maybe ([Chunk], Source))
declarationGroup source = do
  env <- getSession
  let flags = interactiveFlags env
      candidates from = case nextChunk flags from of
        Just (chunk, rest) | chunkKind chunk == CodeChunk, Just names <- candidate chunk ->
          (chunk, names, rest) : candidates rest
        _ -> []
      candidate chunk =
        let text = unlines (chunkLines chunk)
         in case parseStatement flags (sourceName source) (chunkLine chunk) text of
              Right (Just statement) -> signatureNames statement
              Right Nothing -> Just []
              Left _ -> Just []
      found = candidates source
      -- The longest group that ends with a declaration and defines what its signatures name.
      choose [] = Nothing
      choose taken = case reverse taken of
        (_, _ : _, _) : others -> choose (reverse others)
        (_, [], rest) : _ ->
          let chunks = [chunk | (chunk, _, _) <- taken]
              (line, text) = joined source chunks
           in case parseModuleText flags (sourceName source) line text of
                Left _ -> Just (chunks, rest)
                Right parsed ->
                  let defined = concatMap bound (parsedDeclarations parsed)
                      missing = [ n | (n, (_, names, _)) <- zip [0 ..] taken
                                    , any (`notElem` defined) names ]
                   in case missing of
                        [] -> Just (chunks, rest)
                        first : _ -> choose (take first taken)
        [] -> Nothing
  pure (choose found)

declarations :: Workspace -> Source -> [Chunk] -> Source -> Outcome
declarations work source chunks rest = do
  env <- getSession
  let (line, text) = joined source chunks
      flags = interactiveFlags env
  case parseModuleText flags (sourceName source) line text of
    Left problems -> pure (Left (better flags text problems))
    Right parsed -> defineParsed work parsed >>= either (pure . Left) (const (become work rest))
  where
    -- A statement with a mistake is no declaration either: the reading that got further is right.
    better flags text problems = case chunks of
      [chunk] | not (hasModuleForm flags text), Left others <- asStatement flags chunk text ->
        if hasStatementForm flags text || reach others > reach problems then others else problems
      _ -> problems
    asStatement flags chunk = parseStatement flags (sourceName source) (chunkLine chunk)
    reach problems = maximum ((0, 0) : [(spanLine s, spanColumn s) | s <- map problemSpan problems])

defineParsed :: Workspace -> Items -> Ghc (Either [Problem] ())
defineParsed work parsed = do
  liftIO (modifyIORef' (workProblems work) (reverse (parsedWarnings parsed) ++))
  attempt $ do
    before <- getSession
    after <- liftIO (compileDeclarations before (parsedDeclarations parsed))
    setSession after

statementStep :: Workspace -> Source -> (Int, String) -> Statement -> Source -> Outcome
statementStep work source (line, code) statement rest = do
  before <- getSession
  said <- liftIO (readIORef (workProblems work))
  action <- liftIO (asAction before statement)
  outcome <- maybe shown acting action
  case outcome of
    Right Nothing -> items work rest
    Right (Just found) -> do
      step <- liftIO (bindLater (onlyPrints before statement) found)
      setSession (statementAfter step)
      [Execute step] `andThen` items work rest
    Left problems -> do
      spliced <- if value then spliceStep work source line code else pure False
      if not spliced then pure (Left problems) else do
        liftIO (writeIORef (workProblems work) said)
        become work rest
  where
    value = isExpression statement
    shown = printed (if value then workPrinters work else take 1 (workPrinters work))
    printed [] = compiled Nothing statement
    printed [printer] = compiled (Just printer) statement
    -- The last one's errors are told: they are in GHCi's words.
    printed (printer : others) = compiled (Just printer) statement `orElse` printed others
    acting action = (onlyUnit <$> compiled Nothing action) `orElse` shown
    onlyUnit outcome = case outcome of
      Right (Just (ids, _, _)) | not (bindsUnit ids) -> Left []
      _ -> outcome
    first `orElse` second = do
      said <- liftIO (readIORef (workProblems work))
      outcome <- first
      either (const (liftIO (writeIORef (workProblems work) said) >> second)) (pure . Right) outcome
    compiled printer reading = attempt $ do
      env <- getSession
      liftIO (compileStatement (maybe id withInteractivePrint printer env) reading)
    bindLater printing (ids, action, after) = do
      binds <- forM ids placeholder
      bindValues after [(name, hidden) | (name, _, hidden) <- binds]
      pure StatementStep
        { statementAfter = after
        , statementAction = action
        , statementBinds = [(name, ref) | (name, ref, _) <- binds]
        , statementIsValue = value
        , statementOnlyPrints = printing && bindsUnit ids
        }

-- An expression that makes declarations is a splice, with or without the dollar. Did it work?
spliceStep :: Workspace -> Source -> Int -> String -> Ghc Bool
spliceStep work source line code = do
  flags <- interactiveFlags <$> getSession
  case parseModuleText flags (sourceName source) line code of
    Right parsed | mayBeSplice flags (parsedDeclarations parsed) ->
      either (const False) (const True) <$> defineParsed work parsed
    _ -> pure False

-- A value that code may refer to before the statement that makes it has run.
placeholder :: name -> IO (name, IORef HValue, HValue)
placeholder name = do
  ref <- newIORef (error "a value was used before the statement that binds it ran")
  pure (name, ref, delayed ref)

{-# NOINLINE delayed #-}
delayed :: IORef HValue -> HValue
delayed ref = unsafePerformIO (readIORef ref)

chunkProblem :: Source -> Chunk -> String -> Problem
chunkProblem source chunk wrong = Problem
  { problemSeverity = IsError
  , problemStage = "directive"
  , problemFlag = Nothing
  , problemSpan = Span (sourceName source) line (indent + 1) line (length text + 1)
  , problemText = wrong
  , problemMore = []
  }
  where
    (blank, text) = case span (all (`elem` " \t")) (chunkLines chunk) of
      (skipped, first : _) -> (length skipped, first)
      (skipped, []) -> (length skipped, "")
    line = chunkLine chunk + blank
    indent = length (takeWhile (`elem` " \t") text)
