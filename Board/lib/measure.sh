# What `bench measure` needs beyond the programs: the library that is interposed to count.

# Sets shim to it. Needs only the C compiler that comes with Swift.
build_shim() {
    shim=$PWD/.build/measure-shim.so
    job 60 clang -shared -fPIC -O2 -Wall -Wextra -Werror -I Sources/CMeasure -o "$shim" \
        Tests/Reference/shim/shim.c Sources/CMeasure/page.c
}
