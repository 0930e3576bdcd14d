# Sourced by peers.sh: nginx serving plain files, the bound for GET and HEAD. Files come in by WebDAV's PUT, which makes no copies and no fsync, and
# so is not measured.

nginx_packages=(nginx-light)
nginx_programs=(nginx)

nginx_start() {
  local folder=$root/nginx port user=''
  free_port
  mkdir -p "$folder/files" "$folder/temp"
  [ "$(id -u)" = 0 ] && user='user root;' # its workers write below a folder that is ours alone
  cat >"$folder/nginx.conf" <<CONF
$user
daemon off;
worker_processes auto;
pid $folder/nginx.pid;
error_log $folder/error.log;
events { worker_connections 20000; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000000;
  open_file_cache max=20000;
  client_max_body_size 0;
  client_body_temp_path $folder/temp;
  proxy_temp_path $folder/temp;
  fastcgi_temp_path $folder/temp;
  uwsgi_temp_path $folder/temp;
  scgi_temp_path $folder/temp;
  server {
    listen 127.0.0.1:$port;
    location / { root $folder/files; dav_methods PUT; create_full_put_path on; }
  }
}
CONF
  launch "$folder/nginx.out" nginx -p "$folder" -c "$folder/nginx.conf" -e "$folder/error.log"
  until_true 20 nginx "$folder/nginx.out" answers "$port" /
  target nginx "$port"
}
