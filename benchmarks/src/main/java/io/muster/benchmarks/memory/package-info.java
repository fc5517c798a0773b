/**
 * What an idle connection costs on the heap, shown with as many as are wanted: a whole broker,
 * whose sockets alone are simulated.
 */
@NullMarked
package io.muster.benchmarks.memory;

import org.jspecify.annotations.NullMarked;
