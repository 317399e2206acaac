{-# LANGUAGE CApiFFI #-}
-- | Messages over the link to the driver: docs/worker-protocol.md, "Framing".
module Link
  ( Link
  , Message (..)
  , openLink
  , linkPair
  , linkDescriptor
  , watchLink
  , receive
  , send
  , sendRaw
  , sendWithDescriptor
  , closeLink
  ) where

import Control.Concurrent.MVar (MVar, newMVar, withMVar)
import Control.Monad (unless, void, when)
import qualified Data.ByteString as B
import qualified Data.ByteString.Char8 as C
import qualified Data.ByteString.Internal as B (createAndTrim')
import qualified Data.ByteString.Unsafe as B
import Data.IORef (IORef, newIORef, readIORef, writeIORef)
import Foreign.C.Error (throwErrnoIfMinus1)
import Foreign.C.Types (CChar, CInt (..), CSize (..))
import Foreign.Marshal.Array (allocaArray, peekArray, withArray)
import Foreign.Ptr (Ptr, plusPtr)
import Json (Value (..), asInt, asText, decodeBytes, encodeBytes, field, object, (.=))
import System.Posix.IO (closeFd)
import System.Posix.Types (CSsize (..), Fd (..))

foreign import capi safe "link.h hilum_link_receive"
  c_receive :: CInt -> Ptr a -> CSize -> Ptr CInt -> IO CSsize

foreign import capi safe "link.h hilum_link_send"
  c_send :: CInt -> Ptr CChar -> CSize -> CInt -> IO CInt

foreign import capi unsafe "link.h hilum_link_try"
  c_try :: CInt -> Ptr CChar -> CSize -> IO CSize

foreign import capi unsafe "link.h hilum_link_watch"
  c_watch :: CInt -> IO CInt

foreign import capi unsafe "link.h hilum_link_pair"
  c_pair :: Ptr CInt -> IO CInt

-- | One end of a link. Any thread may send; one thread receives.
data Link = Link
  { linkFd :: !CInt
  , linkSending :: !(MVar ())
  , linkPending :: !(IORef Pending)
  }

-- | Bytes that were read and not used yet, and descriptors that came with them.
data Pending = Pending !B.ByteString [Fd]

-- | A message from the driver.
data Message = Message
  { messageType :: !String
  , messageId :: !Int
  , messageContent :: Value
  , messageDescriptors :: [Fd]
  }

-- | Takes a connected socket as a link.
openLink :: Fd -> IO Link
openLink (Fd fd) = Link fd <$> newMVar () <*> newIORef (Pending B.empty [])

-- | Two ends of a new link: one for this process, and a descriptor to give away.
linkPair :: IO (Link, Fd)
linkPair = allocaArray 2 $ \ends -> do
  void (throwErrnoIfMinus1 "socketpair" (c_pair ends))
  fds <- peekArray 2 ends
  case fds of
    [ours, theirs] -> do
      link <- openLink (Fd ours)
      pure (link, Fd theirs)
    _ -> ioError (userError "socketpair made no pair")

-- | This end.
linkDescriptor :: Link -> Fd
linkDescriptor link = Fd (linkFd link)

-- | From now on the process ends at once when the driver closes the link, whatever it does.
watchLink :: Link -> IO ()
watchLink link = do
  failed <- c_watch (linkFd link)
  when (failed /= 0) (ioError (userError "cannot start the thread that watches the link"))

-- | Closes this end.
closeLink :: Link -> IO ()
closeLink link = closeFd (linkDescriptor link)

-- | Sends a message that belongs to the request with the given id.
send :: Link -> String -> Int -> Value -> IO ()
send link kind request content = sendRaw link kind request (encodeBytes content)

-- | Sends a message whose content is JSON already.
sendRaw :: Link -> String -> Int -> B.ByteString -> IO ()
sendRaw link kind request content = transmit link (frame kind request content) (-1)

-- | Sends a message that gives a descriptor to the driver.
sendWithDescriptor :: Link -> String -> Int -> Value -> Fd -> IO ()
sendWithDescriptor link kind request content (Fd fd) =
  transmit link (frame kind request (encodeBytes content)) fd

frame :: String -> Int -> B.ByteString -> B.ByteString
frame kind request content = B.concat [encodeBytes line, C.singleton '\n', content]
  where
    line = object ["type" .= kind, "id" .= request, "parts" .= [B.length content]]

transmit :: Link -> B.ByteString -> CInt -> IO ()
transmit link bytes passed =
  withMVar (linkSending link) $ \() ->
    B.unsafeUseAsCStringLen bytes $ \(start, size) -> do
      done <- if passed < 0 then fromIntegral <$> c_try (linkFd link) start (fromIntegral size) else pure 0
      unless (done == size) $ void $ throwErrnoIfMinus1 "sending on the link" $
        c_send (linkFd link) (start `plusPtr` done) (fromIntegral (size - done)) passed

-- | The next message; 'Nothing' at the end of the link or when what comes is no message.
receive :: Link -> IO (Maybe Message)
receive link = do
  line <- takeLine link
  case line >>= header of
    Nothing -> pure Nothing
    Just (kind, request, sizes) -> do
      parts <- mapM (takeBytes link) sizes
      case sequence parts of
        Nothing -> pure Nothing
        Just bodies -> do
          descriptors <- takeDescriptors link
          let content = case bodies of
                first : _ | not (B.null first) -> either (const Null) id (decodeBytes first)
                _ -> Null
          pure (Just (Message kind request content descriptors))

header :: B.ByteString -> Maybe (String, Int, [Int])
header line = case decodeBytes line of
  Left _ -> Nothing
  Right json -> do
    kind <- asText (field "type" json)
    sizes <- case field "parts" json of
      Array items -> mapM asInt items
      Null -> Just []
      _ -> Nothing
    if any (< 0) sizes || sum sizes > 256 * 1024 * 1024
      then Nothing
      else Just (kind, maybe 0 id (asInt (field "id" json)), sizes)

takeLine :: Link -> IO (Maybe B.ByteString)
takeLine link = do
  Pending bytes fds <- readIORef (linkPending link)
  case C.elemIndex '\n' bytes of
    Just end -> do
      writeIORef (linkPending link) (Pending (B.drop (end + 1) bytes) fds)
      pure (Just (B.take end bytes))
    Nothing
      | B.length bytes > 65536 -> pure Nothing
      | otherwise -> fill link 65536 >>= \more -> if more then takeLine link else pure Nothing

takeBytes :: Link -> Int -> IO (Maybe B.ByteString)
takeBytes link size = do
  Pending bytes fds <- readIORef (linkPending link)
  if B.length bytes >= size
    then do
      writeIORef (linkPending link) (Pending (B.drop size bytes) fds)
      pure (Just (B.take size bytes))
    else do
      more <- fill link (max 65536 (size - B.length bytes))
      if more then takeBytes link size else pure Nothing

takeDescriptors :: Link -> IO [Fd]
takeDescriptors link = do
  Pending bytes fds <- readIORef (linkPending link)
  unless (null fds) (writeIORef (linkPending link) (Pending bytes []))
  pure fds

-- | Reads once from the socket; False at its end.
fill :: Link -> Int -> IO Bool
fill link size = withArray [-1, -1] $ \descriptors -> do
  (chunk, got) <- B.createAndTrim' size $ \start -> do
    got <- c_receive (linkFd link) start (fromIntegral size) descriptors
    pure (0, max 0 (fromIntegral got), got)
  fds <- filter (>= 0) <$> peekArray 2 descriptors
  Pending bytes before <- readIORef (linkPending link)
  writeIORef (linkPending link) (Pending (B.append bytes chunk) (before ++ map Fd fds))
  pure (got > 0)
