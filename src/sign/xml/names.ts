/** The namespaces of XML signatures. @see https://www.w3.org/TR/xmldsig-core1/ */

export const DS = 'http://www.w3.org/2000/09/xmldsig#'
/** @see https://www.etsi.org/deliver/etsi_en/319100_319199/31913201/01.03.01_60/en_31913201v010301p.pdf */
export const XADES = 'http://uri.etsi.org/01903/v1.3.2#'
export const XADES_141 = 'http://uri.etsi.org/01903/v1.4.1#'
/** The type of a reference to what the signer says of the signature. */
export const SIGNED_PROPERTIES = 'http://uri.etsi.org/01903#SignedProperties'
