/* A shared object, but no evaluator. */
int nothing_of_interest(void);

int nothing_of_interest(void)
{
    return 0;
}
