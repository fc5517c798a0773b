/** How fast clients may go: publishers that are held, rates, and clients that do not keep up. */
@NullMarked
package io.muster.broker.pace;

import org.jspecify.annotations.NullMarked;
