/* forgetful ARGUMENT…: taildart, with a block of memory that nobody frees. */
#include "taildart/base.h"
#include "taildart/cli.h"

int main(int argc, char **argv)
{
    td_malloc(1);
    return td_cli_run(argc, argv);
}
