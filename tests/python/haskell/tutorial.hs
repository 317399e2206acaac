2 + 15

49 * 100

1892 - 1472

5 / 2

(50 * 100) - 4999

50 * (100 - 4999)

5 * (-3)

5 * -3

2 ^ 64

7 `div` 2

(-7) `div` 2

(-7) `mod` 2

(-7) `quotRem` 2

divMod (-7) 2

True && False

not (True && True)

5 == 5

5 /= 4

"hello" == "hello"

5 + "llama"

5 == True

succ 8

min 9 10

max 100 101

succ 9 + max 5 4 + 1

div 92 10

doubleMe x = x + x

doubleMe 9

doubleMe 8.3

doubleUs x y = doubleMe x + doubleMe y

doubleUs 28 88 + doubleMe 123

doubleSmallNumber x = if x > 100
  then x
  else x * 2

doubleSmallNumber 101

conanO'Brien = "It's a-me, Conan O'Brien!"

conanO'Brien

let lostNumbers = [4,8,15,16,23,42]

lostNumbers

[1,2,3,4] ++ [9,10,11,12]

"hello" ++ " " ++ "world"

'A' : " SMALL CAT"

5 : [1,2,3]

"Steve Buscemi" !! 6

[9.4,33.2,96.2,11.2,23.25] !! 1

let b = [[1,2,3,4],[5,3,3,3],[1,2,2,3,4],[1,2,3]]

b ++ [[1,1,1,1]]

b !! 2

[3,2,1] > [2,10,100]

head [5,4,3,2,1]

tail [5,4,3,2,1]

last [5,4,3,2,1]

init [5,4,3,2,1]

head []

length [5,4,3,2,1]

null [1,2,3]

reverse [5,4,3,2,1]

take 3 [5,4,3,2,1]

take 0 [6,6,6]

drop 3 [8,4,2,1,5,6]

maximum [1,9,2,3,4]

sum [5,2,1,6,3,2,5,7]

product [6,2,1,2]

4 `elem` [3,4,5,6]

[1..20]

['a'..'z']

[2,4..20]

[20,19..1]

[0.1, 0.3 .. 1]

take 24 [13,26..]

take 10 (cycle [1,2,3])

take 12 (cycle "LOL ")

take 10 (repeat 5)

replicate 3 10

[x*2 | x <- [1..10]]

[x*2 | x <- [1..10], x*2 >= 12]

[ x | x <- [50..100], x `mod` 7 == 3]

boomBangs xs = [ if x < 10 then "BOOM!" else "BANG!" | x <- xs, odd x]

boomBangs [7..13]

[ x*y | x <- [2,5,10], y <- [8,10,11], x*y > 50]

let nouns = ["hobo","frog","pope"]
    adjectives = ["lazy","grouchy","scheming"]

[adjective ++ " " ++ noun | adjective <- adjectives, noun <- nouns]

length' xs = sum [1 | _ <- xs]

length' "abcde"

removeNonUppercase :: [Char] -> [Char]
removeNonUppercase st = [ c | c <- st, c `elem` ['A'..'Z']]

removeNonUppercase "IdontLIKEFROGS"

let xxs = [[1,3,5,2,3,1,2,4,5],[1,2,3,4,5,6,7,8,9]]

[ [ x | x <- xs, even x ] | xs <- xxs]

fst (8,11)

snd ("Wow", False)

[(1,2),(8,11,5),(4,5)]

zip [1,2,3,4,5] [5,5,5,5,5]

zip [1..] ["apple", "orange", "cherry", "mango"]

let rightTriangles = [ (a,b,c) | c <- [1..10], b <- [1..c], a <- [1..b], a^2 + b^2 == c^2]

rightTriangles

:type 'a'

:t True

:t "HELLO!"

:t (True, 'a')

:t 4 == 5

:t removeNonUppercase

:t head

:type fst

:t (==)

addThree :: Int -> Int -> Int -> Int
addThree x y z = x + y + z

addThree 1 2 3

factorial :: Integer -> Integer
factorial n = product [1..n]

factorial 50

circumference :: Float -> Float
circumference r = 2 * pi * r

circumference 4.0

circumference' :: Double -> Double
circumference' r = 2 * pi * r

circumference' 4.0

"Abrakadabra" < "Zebra"

"Abrakadabra" `compare` "Zebra"

5 `compare` 3

show 5.334

read "True" || False

read "8.2" + 3.8

read "[1,2,3,4]" ++ [3]

read "4"

(read "5" :: Float) * 4

read "(3, 'a')" :: (Int, Char)

succ LT

['a'..'e']

[LT .. GT]

minBound :: Int

maxBound :: (Bool, Int, Char)

:t 20

20 :: Double

:t fromIntegral

fromIntegral (length [1,2,3,4]) + 3.2

lucky :: (Integral a) => a -> String
lucky 7 = "LUCKY NUMBER SEVEN!"
lucky x = "Sorry, you're out of luck, pal!"

lucky 7

lucky 3

charName :: Char -> String
charName 'a' = "Albert"
charName 'b' = "Broseph"

charName 'a'

charName 'h'

addVectors :: (Num a) => (a, a) -> (a, a) -> (a, a)
addVectors (x1, y1) (x2, y2) = (x1 + x2, y1 + y2)

addVectors (1, 2) (3, 4)

tell :: (Show a) => [a] -> String
tell [] = "The list is empty"
tell (x:[]) = "The list has one element: " ++ show x
tell (x:y:_) = "The list is long. The first two elements are: " ++ show x ++ " and " ++ show y

tell [1,2,3]

capital :: String -> String
capital "" = "Empty string, whoops!"
capital all@(x:xs) = "The first letter of " ++ all ++ " is " ++ [x]

capital "Dracula"

bmiTell :: (RealFloat a) => a -> a -> String
bmiTell weight height
  | bmi <= skinny = "You're underweight!"
  | bmi <= normal = "You're supposedly normal."
  | otherwise = "You're a whale!"
  where
    bmi = weight / height ^ 2
    (skinny, normal) = (18.5, 25.0)

bmiTell 85 1.90

a `myCompare` b
  | a > b = GT
  | a == b = EQ
  | otherwise = LT

3 `myCompare` 2

4 * (let a = 9 in a + 1) + 2

[let square x = x * x in (square 5, square 3, square 2)]

(let (a,b,c) = (1,2,3) in a+b+c) * 100

describeList xs = "The list is " ++ case xs of
  [] -> "empty."
  [x] -> "a singleton list."
  xs -> "a longer list."

describeList [1]

maximum' :: (Ord a) => [a] -> a
maximum' [] = error "maximum of empty list"
maximum' [x] = x
maximum' (x:xs) = max x (maximum' xs)

maximum' [2,5,1]

quicksort :: (Ord a) => [a] -> [a]
quicksort [] = []
quicksort (x:xs) =
  let smaller = quicksort [a | a <- xs, a <= x]
      bigger = quicksort [a | a <- xs, a > x]
  in smaller ++ [x] ++ bigger

quicksort [10,2,5,3,1,6,7,4,2,3,4,8,9]

quicksort "the quick brown fox jumps over the lazy dog"

let multTwoWithNine = (\x y z -> x * y * z) 9

multTwoWithNine 2 3

(/10) 200

(subtract 4) 10

let divideByTen = (/10)

applyTwice :: (a -> a) -> a -> a
applyTwice f x = f (f x)

applyTwice (+3) 10

applyTwice (++ " HAHA") "HEY"

applyTwice (3:) [1]

zipWith (+) [4,2,5,6] [2,6,2,3]

flip zip [1,2,3,4,5] "hello"

map (map (^2)) [[1,2],[3,4,5,6],[7,8]]

filter (>3) [1,5,3,2,1,6,4,3,2,1]

sum (takeWhile (<10000) (filter odd (map (^2) [1..])))

chain :: (Integral a) => a -> [a]
chain 1 = [1]
chain n
  | even n = n : chain (n `div` 2)
  | odd n = n : chain (n*3 + 1)

chain 30

let listOfFuns = map (*) [0..]

(listOfFuns !! 4) 5

map (+) [1,2]

(\(a,b) -> a + b) (3,5)

foldl (\acc x -> acc + x) 0 [3,5,2,1]

foldr1 max [1,8,2]

scanl (+) 0 [3,5,2,1]

scanr (+) 0 [3,5,2,1]

map ($ 3) [(4+), (10*), (^2), sqrt]

map (negate . sum . tail) [[1..5],[3..6],[1..7]]

import Data.List

nub [1,2,2,3,1]

intersperse '.' "MONKEY"

transpose [[1,2,3],[4,5,6],[7,8,9]]

group [1,1,1,1,2,2,2,2,3,3,2,2,2,5,6,7]

map (\l@(x:xs) -> (x,length l)) . group . sort $ [1,1,1,1,2,2,2,2,3,3,2,2,2,5,6,7]

isPrefixOf "hey" "hey there!"

partition (`elem` ['A'..'Z']) "BOBsidneyMORGANeddy"

words "hey these           are    the words in this\nsentence"

import Data.Char

map generalCategory " \t\nA9?|"

all isAlphaNum "bobby283"

map ord "abcdefgh"

import qualified Data.Map as Map

Map.fromList [("betty","555-2938"),("bonnie","452-2928")]

Map.lookup "betty" (Map.fromList [("betty","555-2938")])

data Shape = Circle Float Float Float | Rectangle Float Float Float Float deriving (Show)

surface :: Shape -> Float
surface (Circle _ _ r) = pi * r ^ 2
surface (Rectangle x1 y1 x2 y2) = (abs $ x2 - x1) * (abs $ y2 - y1)

surface $ Circle 10 20 10

surface $ Rectangle 0 0 100 100

map (Circle 10 20) [4,5,6,6]

:t Circle

data Person = Person { firstName :: String, age :: Int } deriving (Show, Eq, Ord, Read)

Person "Ada" 36

Person { age = 41, firstName = "Alan" }

(Person "Ada" 36) { age = 37 }

firstName (read "Person {firstName = \"Mike\", age = 43}")

data Day = Monday | Tuesday | Wednesday deriving (Eq, Ord, Show, Read, Bounded, Enum)

[minBound .. maxBound :: Day]

succ Monday

pred Monday

data Tree a = EmptyTree | Node a (Tree a) (Tree a) deriving (Show)
treeInsert :: (Ord a) => a -> Tree a -> Tree a
treeInsert x EmptyTree = Node x EmptyTree EmptyTree
treeInsert x t@(Node a left right)
  | x == a = t
  | x < a = Node a (treeInsert x left) right
  | x > a = Node a left (treeInsert x right)

foldr treeInsert EmptyTree [8,6,4]

class YesNo a where
  yesno :: a -> Bool
instance YesNo Int where
  yesno 0 = False
  yesno _ = True
instance YesNo [a] where
  yesno [] = False
  yesno _ = True

yesno $ length []

yesno "haha"

instance Functor Tree where
  fmap f EmptyTree = EmptyTree
  fmap f (Node x l r) = Node (f x) (fmap f l) (fmap f r)

fmap (*4) (foldr treeInsert EmptyTree [5,7,3])

:k Int

:k Maybe

:kind Tree

:info Day

:info YesNo

putStrLn "hello, world"

print [1,2,3]

mapM_ print [1,2,3]

mapM print [1,2]

sequence [Just 1, Nothing]

return "haha"

x <- return 5

x + 1

(x, y) <- return (1, 2)

x + y

let f 0 = "zero"; f _ = "other"

f 0

pure 3 :: Maybe Int

(+) <$> Just 3 <*> Just 5

Just 3 >>= \x -> Just (x + 1)

do { a <- Just 1; b <- Just 2; return (a + b) }

mempty :: String

[3,4,5] <> [1]

undefinedThing

1 `div` 0

error "boom"

let y = 1 in z

foo bar

map toUpper 5

if True then 1 else "a"

[1, 2

it

()

putStr "no newline"

Left 3 :: Either Int String

show (Just (-3))

Just (-3)

3 :: Foo

import Data.Nowhere

:t undefinedName

infixl 6 |+|
(|+|) :: Int -> Int -> Int
a |+| b = a * 10 + b

1 |+| 2 |+| 3

newtype Wrapper a = Wrapper { unwrap :: a } deriving Show

unwrap (Wrapper 3)

type Name = String

("x" :: Name)

zipWith3 zip3 [[1,2]] ["ab"] [[True,False]]

span even [2,4,5,6]

1e10

2 ** 0.5

fromEnum 'a'

truncate 3.7

round 2.5

sqrt (-1)

"tab\tand \"quote\" and \1234"

putStrLn "\955x"

'\n'

minimum []

let (q, r) = 17 `quotRem` 5

(q, r)

seq undefined 1

length [undefined, undefined]
