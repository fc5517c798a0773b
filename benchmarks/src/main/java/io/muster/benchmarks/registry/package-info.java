/** What the device registry costs with many devices. */
@NullMarked
package io.muster.benchmarks.registry;

import org.jspecify.annotations.NullMarked;
