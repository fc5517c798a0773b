/** Damaged conversations, and many clients at once, against a whole broker over real sockets. */
@NullMarked
package io.muster.broker.fuzz;

import org.jspecify.annotations.NullMarked;
