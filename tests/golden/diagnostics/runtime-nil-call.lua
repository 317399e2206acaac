local total = 1
pritn(total)