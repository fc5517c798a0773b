/**
 * Certificates as values: what one is called, whose it is, and whether it is good. This room knows
 * no X.509; what is in a certificate is the business of whoever issues or checks it.
 */
@NullMarked
package io.muster.devices.certificate;

import org.jspecify.annotations.NullMarked;
