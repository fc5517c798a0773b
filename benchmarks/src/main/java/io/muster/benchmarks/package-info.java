/**
 * What the hot paths of the broker cost: each has its benchmark, the larger ones over the wire of a
 * running broker, the smaller ones by a call.
 */
@NullMarked
package io.muster.benchmarks;

import org.jspecify.annotations.NullMarked;
