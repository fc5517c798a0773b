/**
 * What is checked before a certificate is made for somebody: a certification request (PKCS#10, RFC
 * 2986), the key in it and how long the certificate shall live. Nothing of a request comes out of
 * here but its public key: what else stands in a certificate, its profile says.
 */
@NullMarked
package io.muster.ca.request;

import org.jspecify.annotations.NullMarked;
