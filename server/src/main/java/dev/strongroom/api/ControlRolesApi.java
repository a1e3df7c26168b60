package dev.strongroom.api;

import dev.strongroom.access.Scopes;
import dev.strongroom.control.Placed;
import dev.strongroom.control.Roles;
import dev.strongroom.model.BuiltInRole;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Principal;
import dev.strongroom.model.RoleAssignment;
import dev.strongroom.model.VaultException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.core.JsonGenerator;

/**
 * Role assignments, role definitions and locks of resource manager. Conditions and locks are not
 * enforced, so a request that brings one is refused.
 *
 * @see <a href="https://learn.microsoft.com/rest/api/authorization/role-assignments">Role
 *     assignments</a>
 * @see <a href="https://learn.microsoft.com/rest/api/authorization/role-definitions">Role
 *     definitions</a>
 */
final class ControlRolesApi {
  private static final String ASSIGNMENT = "Microsoft.Authorization/roleAssignments";
  private static final String DEFINITION = "Microsoft.Authorization/roleDefinitions";
  private static final String BUILT_IN = "BuiltInRole";

  private final Roles roles;

  ControlRolesApi(Roles roles) {
    this.roles = roles;
  }

  void addTo(Map<Operation, Handler> handlers) {
    handlers.put(Operation.ROLE_ASSIGNMENT_PUT, this::put);
    handlers.put(Operation.ROLE_ASSIGNMENT_GET, this::get);
    handlers.put(Operation.ROLE_ASSIGNMENT_LIST, this::list);
    handlers.put(Operation.ROLE_ASSIGNMENT_DELETE, this::delete);
    handlers.put(Operation.ROLE_DEFINITION_GET, this::getDefinition);
    handlers.put(Operation.ROLE_DEFINITION_LIST, this::listDefinitions);
    handlers.put(Operation.LOCK_PUT, this::putLock);
    handlers.put(Operation.LOCK_GET, this::getLock);
    handlers.put(Operation.LOCK_LIST, this::listLocks);
    handlers.put(Operation.LOCK_DELETE, this::deleteLock);
  }

  private Answer put(Call call) {
    ControlVersions.AUTHORIZATION.of(call);
    Id id =
        Id.findGuid(ControlApi.variable(call, "name"))
            .orElseThrow(
                () ->
                    VaultException.of(
                        ErrorCode.ARM_PROPERTY_INVALID,
                        "property",
                        "roleAssignmentName",
                        "reason",
                        "it is not a GUID"));
    ControlFields body = ControlFields.body(call);
    body.requireKnown(Set.of("id", "name", "type", "properties"));
    ControlFields properties = body.requiredObject("properties");
    properties.requireKnown(
        Set.of(
            "roleDefinitionId",
            "principalId",
            "principalType",
            "description",
            "condition",
            "conditionVersion",
            "delegatedManagedIdentityResourceId",
            "canDelegate",
            "scope",
            "createdOn",
            "updatedOn",
            "createdBy",
            "updatedBy"));
    if (properties.has("condition") || properties.has("conditionVersion")) {
      throw notEnforced("A condition of a role assignment");
    }
    if (properties.has("delegatedManagedIdentityResourceId")) {
      throw notEnforced("delegatedManagedIdentityResourceId");
    }
    if (properties.flag("canDelegate").orElse(false)) {
      throw notEnforced("canDelegate");
    }
    Id role =
        definition(
            properties
                .text("roleDefinitionId")
                .orElseThrow(() -> properties.missing("roleDefinitionId")));
    Placed<RoleAssignment> placed =
        roles.put(
            call.origin(),
            call.principal().tenant(),
            ControlApi.scope(call),
            id,
            new Roles.Wanted(
                role,
                properties.guid("principalId").orElseThrow(() -> properties.missing("principalId")),
                properties.text("principalType"),
                properties.text("description")));
    return assignment(call, placed.created() ? 201 : 200, placed.value());
  }

  private Answer get(Call call) {
    ControlVersions.AUTHORIZATION.of(call);
    String name = ControlApi.variable(call, "name");
    Id id =
        Id.findGuid(name)
            .orElseThrow(
                () -> VaultException.of(ErrorCode.ROLE_ASSIGNMENT_NOT_FOUND, "name", name));
    return assignment(call, 200, roles.get(call.principal().tenant(), ControlApi.scope(call), id));
  }

  private Answer list(Call call) {
    ControlVersions.AUTHORIZATION.of(call);
    Principal caller = call.principal();
    return ControlPages.of(
        call,
        roles.list(caller.tenant(), ControlApi.scope(call), filter(call)).stream()
            .sorted(Comparator.comparing(RoleAssignment::key))
            .toList(),
        RoleAssignment::key,
        (json, assignment) -> render(json, call, assignment));
  }

  private static Roles.Filter filter(Call call) {
    ControlFilter filter = ControlFilter.of(call, "atscope()", "principalid", "assignedto()");
    boolean atScope = filter.has("atscope()");
    if (filter.has("principalid") && filter.has("assignedto()")) {
      throw ControlFilter.invalid(call.query("$filter").orElse(""));
    }
    if (filter.has("principalid")) {
      return new Roles.Filter.Of(guid(call, filter.value("principalid")), atScope);
    }
    if (filter.has("assignedto()")) {
      Id holder = guid(call, filter.value("assignedto()"));
      Principal caller = call.principal();
      return new Roles.Filter.AssignedTo(
          holder, holder.equals(caller.objectId()) ? caller.groups() : Set.of(), atScope);
    }
    return atScope ? new Roles.Filter.AtScope() : new Roles.Filter.None();
  }

  private static Id guid(Call call, Optional<String> text) {
    return text.flatMap(Id::findGuid)
        .orElseThrow(() -> ControlFilter.invalid(call.query("$filter").orElse("")));
  }

  private Answer delete(Call call) {
    ControlVersions.AUTHORIZATION.of(call);
    return Id.findGuid(ControlApi.variable(call, "name"))
        .flatMap(
            id ->
                roles.delete(call.origin(), call.principal().tenant(), ControlApi.scope(call), id))
        .map(gone -> assignment(call, 200, gone))
        .orElseGet(() -> Answer.empty(204));
  }

  private Answer getDefinition(Call call) {
    ControlVersions.AUTHORIZATION.of(call);
    BuiltInRole role = roles.role(definition(ControlApi.variable(call, "name")));
    return Answer.json(
        200, Json.write(json -> renderDefinition(json, ControlApi.scope(call), role)));
  }

  private Answer listDefinitions(Call call) {
    ControlVersions.AUTHORIZATION.of(call);
    ControlFilter filter =
        ControlFilter.of(call, "rolename", "type", "atscope()", "atscopeandbelow()");
    return ControlPages.of(
        call,
        Stream.of(BuiltInRole.values())
            .filter(role -> filter.allows("rolename", role.title()))
            .filter(role -> filter.allows("type", BUILT_IN))
            .sorted(Comparator.comparing(BuiltInRole::title))
            .toList(),
        BuiltInRole::title,
        (json, role) -> renderDefinition(json, ControlApi.scope(call), role));
  }

  private Answer putLock(Call call) {
    ControlVersions.LOCKS.of(call);
    throw notEnforced("A lock");
  }

  private Answer getLock(Call call) {
    ControlVersions.LOCKS.of(call);
    throw VaultException.of(ErrorCode.LOCK_NOT_FOUND, "name", ControlApi.variable(call, "name"));
  }

  private Answer listLocks(Call call) {
    ControlVersions.LOCKS.of(call);
    return ControlPages.of(call, List.<String>of(), lock -> lock, JsonGenerator::writeString);
  }

  private Answer deleteLock(Call call) {
    ControlVersions.LOCKS.of(call);
    return Answer.empty(204);
  }

  /** Whatever scope stands in front of it, a built-in role is the same. */
  private static Id definition(String text) {
    return Id.findGuid(text.substring(text.lastIndexOf('/') + 1))
        .orElseThrow(() -> VaultException.of(ErrorCode.ROLE_DEFINITION_NOT_FOUND, "name", text));
  }

  private static VaultException notEnforced(String feature) {
    return VaultException.of(ErrorCode.ARM_NOT_ENFORCED, "feature", feature);
  }

  private static Answer assignment(Call call, int status, RoleAssignment assignment) {
    return Answer.json(
        status, Json.write(json -> render(json, call, assignment)), id(assignment));
  }

  private static String id(RoleAssignment assignment) {
    return prefix(assignment.scope()) + "/providers/" + ASSIGNMENT + '/' + assignment.id().guid();
  }

  /** The subscription of the scope, or nothing above subscriptions. */
  private static String definitionId(String scope, Id role) {
    return Scopes.subscriptionOf(scope).map(Scopes::subscription).orElse("")
        + "/providers/"
        + DEFINITION
        + '/'
        + role.guid();
  }

  private static String prefix(String scope) {
    return scope.equals(Scopes.ROOT) ? "" : scope;
  }

  private static void render(JsonGenerator json, Call call, RoleAssignment assignment) {
    // an assignment above subscriptions names its role as the scope that was asked for would, since
    // clients look the name up in that scope's list by this text
    String seenFrom =
        Scopes.subscriptionOf(assignment.scope()).isPresent()
            ? assignment.scope()
            : ControlApi.scope(call);
    json.writeStartObject();
    json.writeObjectPropertyStart("properties");
    json.writeStringProperty(
        "roleDefinitionId", definitionId(seenFrom, assignment.roleDefinition()));
    json.writeStringProperty("principalId", assignment.principal().guid());
    json.writeStringProperty("principalType", assignment.principalType());
    json.writeStringProperty("scope", assignment.scope());
    json.writeNullProperty("condition");
    json.writeNullProperty("conditionVersion");
    json.writeStringProperty("createdOn", assignment.created().toString());
    json.writeStringProperty("updatedOn", assignment.updated().toString());
    assignment.createdBy().ifPresent(by -> json.writeStringProperty("createdBy", by.guid()));
    json.writeNullProperty("delegatedManagedIdentityResourceId");
    if (assignment.description().isPresent()) {
      json.writeStringProperty("description", assignment.description().get());
    } else {
      json.writeNullProperty("description");
    }
    json.writeEndObject();
    json.writeStringProperty("id", id(assignment));
    json.writeStringProperty("type", ASSIGNMENT);
    json.writeStringProperty("name", assignment.id().guid());
    json.writeEndObject();
  }

  private static void renderDefinition(JsonGenerator json, String scope, BuiltInRole role) {
    json.writeStartObject();
    json.writeObjectPropertyStart("properties");
    json.writeStringProperty("roleName", role.title());
    json.writeStringProperty("type", BUILT_IN);
    json.writeStringProperty("description", role.description());
    json.writeArrayPropertyStart("assignableScopes");
    json.writeString(Scopes.ROOT);
    json.writeEndArray();
    json.writeArrayPropertyStart("permissions");
    json.writeStartObject();
    strings(json, "actions", role.actions());
    strings(json, "notActions", role.notActions());
    strings(json, "dataActions", role.dataActions());
    strings(json, "notDataActions", role.notDataActions());
    role.condition()
        .ifPresent(
            condition -> {
              json.writeStringProperty("condition", condition);
              json.writeStringProperty("conditionVersion", "2.0");
            });
    json.writeEndObject();
    json.writeEndArray();
    json.writeEndObject();
    json.writeStringProperty("id", definitionId(scope, role.id()));
    json.writeStringProperty("type", DEFINITION);
    json.writeStringProperty("name", role.id().guid());
    json.writeEndObject();
  }

  private static void strings(JsonGenerator json, String name, List<String> items) {
    json.writeArrayPropertyStart(name);
    items.forEach(json::writeString);
    json.writeEndArray();
  }
}
