/* The program: everything else is the library. */
#include "taildart/cli.h"

int main(int argc, char **argv)
{
    return td_cli_run(argc, argv);
}
