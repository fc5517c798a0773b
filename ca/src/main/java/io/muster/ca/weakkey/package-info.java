/** Keys that nobody should have a certificate for, since others can find the private half. */
@NullMarked
package io.muster.ca.weakkey;

import org.jspecify.annotations.NullMarked;
