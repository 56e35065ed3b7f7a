/* main.c - placeholder until cli exists. */
int main(void)
{
    return 0;
}
