/**
 * The words of the product as values: names, ids, versions, attributes, principals, and the closed
 * sets (operations, errors, roles, api-versions) as tables.
 *
 * <p>It promises that an instance which exists is valid: constructors check, so past the edge of
 * the server nothing is a raw string. It holds no behaviour beyond looking things up, knows only the
 * JDK, and everybody may know it. Start reading at {@link dev.strongroom.model.Operation}.
 */
package dev.strongroom.model;
