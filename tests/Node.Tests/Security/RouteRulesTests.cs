using Deucalion.Node.Security;
using Xunit;

namespace Deucalion.Node.Tests.Security;

public sealed class RouteRulesTests
{
    [Theory]
    [InlineData("/api/v1/query", AccessRight.Read, RouteScope.Tenant)]
    [InlineData("/prometheus/api/v1/query", AccessRight.Read, RouteScope.Tenant)]
    [InlineData("api/v1/push", AccessRight.Write, RouteScope.Tenant)]
    [InlineData("/api/v1/label/{name}/values", AccessRight.Read, RouteScope.Tenant)]
    [InlineData("/api/v1/status/limits", AccessRight.Read | AccessRight.Admin, RouteScope.Tenant)]
    [InlineData("/api/v1/status/config", AccessRight.Admin, RouteScope.Node)]
    [InlineData("/api/v1/admin/tenants", AccessRight.Admin, RouteScope.Node)]
    [InlineData("/api/v1/admin/tenants/{tenant}", AccessRight.Admin, RouteScope.Node)]
    [InlineData("/prometheus/assets/index.js", AccessRight.None, RouteScope.Open)]
    [InlineData("/config/v1/rules", AccessRight.Rules, RouteScope.Tenant)]
    internal void KnowsRoutes(string pattern, AccessRight rights, RouteScope scope)
    {
        var rule = RouteRules.Of(pattern);
        Assert.True(RouteRules.IsDeclared(rule));
        Assert.Equal((rights, scope), (rule.Rights, rule.Scope));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("/api/v1/queries")]
    [InlineData("/api/v2/query")]
    [InlineData("/prometheus")]
    [InlineData("/{**everything}")]
    [InlineData("/API/V1/query")]
    public void AsksForAdminOfTheWholeNode_WhereNobodyHasDeclaredTheRoute(string? pattern)
    {
        var rule = RouteRules.Of(pattern);
        Assert.False(RouteRules.IsDeclared(rule));
        Assert.Equal((AccessRight.Admin, RouteScope.Node), (rule.Rights, rule.Scope));
    }
}
