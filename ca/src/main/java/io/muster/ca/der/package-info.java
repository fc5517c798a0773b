/** Bytes from outside that are said to be DER: looked at before anything is made of them. */
@NullMarked
package io.muster.ca.der;

import org.jspecify.annotations.NullMarked;
