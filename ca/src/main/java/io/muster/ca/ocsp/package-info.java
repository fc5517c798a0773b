/**
 * The state of a certificate, asked and answered online (RFC 6960, in the profile of RFC 5019):
 * bytes in, bytes out. How they come and go, and how many a stranger may ask, is others' business.
 */
@NullMarked
package io.muster.ca.ocsp;

import org.jspecify.annotations.NullMarked;
