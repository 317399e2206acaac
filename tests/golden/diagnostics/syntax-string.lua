local s = "no end
print(s)