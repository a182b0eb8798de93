using Microsoft.AspNetCore.Routing;

namespace Muster.Hosting;

/// <summary>
/// Pages beside health and status on the process's own web server. Registered as singletons; asked once,
/// before the server listens.
/// </summary>
public interface IWebPage
{
    void Map(IEndpointRouteBuilder pages);
}
