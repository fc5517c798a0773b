/** Several brokers under the same load: figures of each, and their ratios. Knows no connections. */
@NullMarked
package io.muster.loadtest.compare;

import org.jspecify.annotations.NullMarked;
